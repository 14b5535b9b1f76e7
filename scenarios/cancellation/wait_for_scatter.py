"""Requests under `asyncio.wait_for`, three at once on one slot, with deadlines scattered around the response time.

What an application with impatient callers does, some hundred times over, and the check of `cancel-sweep` against
nature: it has to lose slots on just those releases on which the sweep finds a point in the style `native`. Whether a
deadline falls into a dangerous moment is chance; the rate is told, and the deadlines come from the recorded seed.

There are three kinds of request: responses that come whole, such whose body comes later (one that comes with its head
is never waited for, and httpcore 0.13 loses the slot of whoever waits for a body), and such that are closed half read.
"""

from typing import Any

from ..declaration.scenario import Load, Scenario, Variant
from ..sweep.entry import scatter

LIMIT = 1


def load(variant: Variant) -> Load:
    """No requests that a model could follow: the deadlines stand in no relation to any event."""
    return Load(limit=LIMIT, max_keepalive=LIMIT, keepalive_expiry=5.0, deadline=1200.0, requests=[], door="wire")


async def body(driver: Any, load: Load) -> None:
    """It has its own way of running."""


SCENARIO = Scenario(
    id="wait-for-scatter",
    requirement="A request whose caller gave up leaves its slot, whenever that happens.",
    references=("encode/httpx#2139", "encode/httpcore#1093", "encode/httpcore#880"),
    variants={},
    load=load,
    body=body,
    run=scatter,
)

"""Requests under `asyncio.wait_for`, three at once on one slot, with deadlines scattered around the response time.

It repeats some hundred times what an application with impatient callers does, and checks `cancel-sweep` against nature:
it has to lose slots on exactly the releases on which the sweep finds a point in the style `native`. Whether a deadline
hits a dangerous moment is chance; the rate is reported, and the deadlines come from the recorded seed.

There are three kinds of request: whole responses, responses whose body arrives later than the head (httpcore 0.13 loses
the slot of a request that waits for a body), and responses that are closed half read.
"""

from typing import Any

from ..declaration.scenario import Load, Scenario, Variant
from ..sweep.entry import scatter

LIMIT = 1


def load(variant: Variant) -> Load:
    """Declare no requests that a model could follow: the deadlines are unrelated to any event."""
    return Load(limit=LIMIT, max_keepalive=LIMIT, keepalive_expiry=5.0, deadline=1200.0, requests=[], door="wire")


async def body(driver: Any, load: Load) -> None:
    """Do nothing: the scenario has its own runner."""


SCENARIO = Scenario(
    id="wait-for-scatter",
    requirement="A request whose caller gave up releases its slot, whenever that happens.",
    references=("encode/httpx#2139", "encode/httpcore#1093", "encode/httpcore#880"),
    variants={},
    load=load,
    body=body,
    run=scatter,
)

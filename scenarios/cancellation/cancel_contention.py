"""Contention and cancellation for some seconds, then ordinary requests that have to be served.

Bursts of twice as many tasks as slots, whose callers give up at about the time of the first responses, some a little
sooner and some a little later. So a slot is repeatedly handed to a task that is cancelled at the same moment and never
uses it. The result of a racing request is open. Later requests have to be served: a report that the pool only times out
afterwards names no moment, and neither does this scenario, so it reports the rate.
"""

import random
from typing import Any, List

from ..declaration.scenario import Load, Request, Scenario, Variant

LIMIT = 4
BURSTS = 24
BURST = 1.0
"""Units between two bursts."""
HOLD = 0.4
JITTER = 0.1
"""Units around the responses' time in which callers give up."""


def one_burst(number: int, chance: random.Random) -> List[Request]:
    """Return twice as many tasks as slots; the queued ones take over as the first are answered or give up."""
    return [
        Request(
            id="burst-%02d-%d" % (number, n),
            hold=HOLD,
            pool_timeout=60.0,
            at=number * BURST,
            cancelled=number * BURST + HOLD + chance.uniform(-JITTER, JITTER),
            raced=True,
        )
        for n in range(2 * LIMIT)
    ]


def load(variant: Variant) -> Load:
    """End the bursts after 24 units; eight requests on four slots follow."""
    chance = random.Random(0)
    bursts = [request for number in range(BURSTS) for request in one_burst(number, chance)]
    after = [Request(id="after-%d" % n, hold=1.0, pool_timeout=4.5, at=BURSTS * BURST + 1.0) for n in range(2 * LIMIT)]
    return Load(
        limit=LIMIT,
        max_keepalive=LIMIT if variant["keepalive"] == "on" else 0,
        keepalive_expiry=3.0,
        deadline=BURSTS * BURST + 8.0,
        requests=after + bursts,
        style=variant["style"],
        backend=variant["backend"],
    )


async def body(driver: Any, load: Load) -> None:
    await driver.play(load.requests)


SCENARIO = Scenario(
    id="cancel-contention",
    requirement="However long requests contend for slots and are cancelled, all slots are there afterwards.",
    references=("encode/httpcore#1093", "encode/httpcore#961", "encode/httpcore#1035", "pydantic/httpx2#982"),
    variants={"backend": ("asyncio", "trio"), "keepalive": ("off", "on"), "style": ("wait_for", "native", "level")},
    load=load,
    body=body,
    extras=("anyio",),
    repeats=5,
)

"""A group of tasks cancelled in flight, then new requests: the report of December 2023.

Five tasks on two slots: two are served and three wait when the group is cancelled. Every slot has to be free at once,
and no cancelled request may be left in the queue: the five requests that follow are served in order. With `style=level`
the cancellation is that of a real anyio scope, asserted until the tasks end; with `style=native` each task is cancelled
once, or on trio the nursery. The report used a timeout, and so does this scenario: the cancellation arrives after one
unit, three before any response.

A scope keeps its tasks in a set, so it cancels them in the order of their memory addresses, and some pools survive one
order and not another. The recorded seed decides the addresses, else every run would have the same order.
"""

import random
from typing import Any, List

from ..declaration.scenario import Load, Request, Scenario, Variant

LIMIT = 2
TASKS = 5


def load(variant: Variant) -> Load:
    """The group is cancelled at 1 unit; the others start at 2 and are served at 2, 3 and 4."""
    group = [Request(id="group-%d" % n, hold=4.0, pool_timeout=7.0, cancelled=1.0) for n in range(TASKS)]
    after = [Request(id="after-%d" % n, hold=1.0, pool_timeout=3.5, at=2.0) for n in range(TASKS)]
    return Load(
        limit=LIMIT,
        max_keepalive=LIMIT,
        keepalive_expiry=2.0,
        deadline=8.0,
        requests=group + after,
        style=variant["style"],
        backend=variant["backend"],
    )


def scattered() -> List[bytes]:
    """Return half of some freshly allocated blocks, so that later objects fill the gaps in no order."""
    taken = [bytes(size) for size in range(64, 640, 16) for _ in range(64)]
    random.shuffle(taken)
    return taken[::2]


async def body(driver: Any, load: Load) -> None:
    gaps = scattered()
    await driver.cancel_group([request for request in load.requests if request.cancelled is not None])
    await driver.gather([request for request in load.requests if request.cancelled is None])
    gaps.clear()


SCENARIO = Scenario(
    id="cancel-task-group",
    requirement="A group of requests that is cancelled in flight leaves every slot free and the queue empty.",
    references=("encode/httpx#1171", "encode/httpcore#785", "encode/httpcore#830", "encode/httpcore#880"),
    variants={"backend": ("asyncio", "trio"), "style": ("level", "native")},
    load=load,
    body=body,
    extras=("anyio",),
    repeats=6,
    core=True,
)

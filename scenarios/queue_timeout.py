"""A queue that is longer than its pool timeout: PoolTimeout is due, for some of the tasks and at one moment.

The first `limit` tasks are served at once and the next as soon as those are done; for all others the pool timeout runs
out before a third round could begin. A pool that serves fewer, that raises late or not at all, or that is not whole
afterwards is not a correct one. PoolTimeout where it is due is back-pressure, and no defect.

Some releases begin the wait anew for whoever lost a race for a slot, and who loses is left to chance: one run in which
nobody did is not believed.
"""

from typing import Any

from .worker.declaration import Load, Request, Scenario, Variant

LIMIT = 3
TASKS = 12


def load(variant: Variant) -> Load:
    """Rounds begin at 0, 2 and 4 units; all waits run out at 3. A pool that never gives up has served all at 8."""
    return Load(
        limit=LIMIT,
        max_keepalive=LIMIT,
        keepalive_expiry=2.0,
        deadline=10.5,
        requests=[Request(id="task-%02d" % n, hold=2.0, pool_timeout=3.0) for n in range(TASKS)],
        backend=variant["backend"],
    )


async def body(driver: Any, load: Load) -> None:
    await driver.gather(load.requests)


SCENARIO = Scenario(
    id="queue-timeout",
    requirement="PoolTimeout comes when a wait reaches the pool timeout, neither sooner nor later, and never to a "
    "request that a fair queue would have served; whoever gave up has left the queue.",
    references=("encode/httpx#557", "encode/httpcore#502", "encode/httpcore#688", "encode/httpcore#822"),
    variants={"backend": ("asyncio", "trio")},
    load=load,
    body=body,
    repeats=3,
    core=True,
)

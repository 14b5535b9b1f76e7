"""More tasks than connections, all at once: the founding case.

Every one of the tasks has to be served: the first `limit` at once, the others as slots come free, first come first
served. A pool that forgets to free a slot, or to wake the task that waits for it, makes one of them fail. Afterwards
the pool has to be as good as new, whether the responses were read to their end or closed unread.
"""

from typing import Any

from ..declaration.scenario import Load, Request, Scenario, Variant

LIMIT = 3
TASKS = 12


def load(variant: Variant) -> Load:
    """Four rounds of three; the last task is due after 3 units and may wait 6."""
    return Load(
        limit=LIMIT,
        max_keepalive=LIMIT,
        keepalive_expiry=2.0,
        deadline=9.5,
        requests=[
            Request(id="task-%02d" % n, hold=1.0, pool_timeout=6.5, ending=variant["ending"]) for n in range(TASKS)
        ],
        backend=variant["backend"],
    )


async def body(driver: Any, load: Load) -> None:
    await driver.gather(load.requests)


SCENARIO = Scenario(
    id="gather-over-limit",
    requirement="More concurrent requests than connections are all served, and every slot is free again afterwards.",
    references=("encode/httpx#1171", "encode/httpx#557", "encode/httpcore#880"),
    variants={"backend": ("asyncio", "trio"), "ending": ("read", "close")},
    load=load,
    body=body,
    core=True,
)

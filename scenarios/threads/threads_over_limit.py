"""More threads than connections, all at once, on the synchronous client.

What `gather-over-limit` asks of tasks, asked of threads: every request is served, the first `limit` at once and the
others as slots come free, and the pool is as good as new afterwards.
"""

from typing import Any

from ..declaration.scenario import Load, Request, Scenario, Variant

LIMIT = 3
THREADS = 12


def load(variant: Variant) -> Load:
    """Four rounds of three; the last thread is due after 3 units and may wait 6.5."""
    return Load(
        limit=LIMIT,
        max_keepalive=LIMIT,
        keepalive_expiry=2.0,
        deadline=9.5,
        requests=[
            Request(id="thread-%02d" % n, hold=1.0, pool_timeout=6.5, ending=variant["ending"]) for n in range(THREADS)
        ],
    )


async def body(driver: Any, load: Load) -> None:
    await driver.gather(load.requests)


SCENARIO = Scenario(
    id="threads-over-limit",
    requirement="More threads than connections are all served by one synchronous client, and every slot is free "
    "again afterwards.",
    references=("encode/httpcore#613", "encode/httpcore#621", "encode/httpcore#624"),
    variants={"ending": ("read", "close")},
    load=load,
    body=body,
    threads=True,
    core=True,
)

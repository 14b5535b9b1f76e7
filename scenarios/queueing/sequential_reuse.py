"""More requests than slots, one after another: the least that a pool has to do.

Nothing ever waits here, so no request may fail; a pool that loses one slot for each request is full after `limit` of
them. With `keepalive=off` no connection may be kept idle and each request opens its own; with `ending=close` the
response is closed unread.
"""

from typing import Any, List, Optional

from ..declaration.scenario import Load, Request, Scenario, Variant

LIMIT = 3
REQUESTS = 8


def load(variant: Variant) -> Load:
    """Eight requests of half a unit; none waits for a slot, each might for 2 units."""
    names: List[str] = ["request-%02d" % n for n in range(REQUESTS)]
    before: List[Optional[str]] = [None, *names]
    return Load(
        limit=LIMIT,
        max_keepalive=LIMIT if variant["keepalive"] == "on" else 0,
        keepalive_expiry=2.0,
        deadline=18.0,
        requests=[
            Request(id=name, hold=0.5, pool_timeout=2.0, after=before[n], ending=variant["ending"])
            for n, name in enumerate(names)
        ],
    )


async def body(driver: Any, load: Load) -> None:
    for request in load.requests:
        await driver.fetch(request)


SCENARIO = Scenario(
    id="sequential-reuse",
    requirement="Requests one after another never wait for a slot, however many there are.",
    references=("encode/httpx#720", "encode/httpx#1315"),
    variants={"ending": ("read", "close"), "keepalive": ("on", "off")},
    load=load,
    body=body,
    core=True,
)

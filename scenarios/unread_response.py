"""Responses that are never read to their end and never closed: by contract the fault of whoever forgets them.

A slot that is not given back is not lost by the pool, and a PoolTimeout that comes of it is honest. With `hand=kept`
the caller still has them, and the slots stay taken: one of three is left, and three of four requests wait for it in
vain. With `hand=dropped` nobody has them any more, and with `hand=abandoned` nobody does who read a piece of
their bodies: whether the collector then gives the slots back is each release's own affair, and is noted. Everybody is
served there, by one slot or by three, and the slots that nobody took have to be there.
"""

from typing import Any

from .worker.declaration import Load, Request, Scenario, Variant

LIMIT = 3
FORGOTTEN = 2
ENDINGS = {"kept": "keep", "dropped": "drop", "abandoned": "abandon"}


def load(variant: Variant) -> Load:
    """Two are forgotten at 0; four come at 1, for which the slot that is left has time at 1, 3, 5 and 7."""
    forgotten = [
        Request(id="forgotten-%d" % n, hold=0.0, pool_timeout=2.5, ending=ENDINGS[variant["hand"]], endless=True)
        for n in range(FORGOTTEN)
    ]
    patience = 1.0 if variant["hand"] == "kept" else 9.0
    others = [Request(id="request-%d" % n, hold=2.0, pool_timeout=patience, at=1.0) for n in range(4)]
    return Load(
        limit=LIMIT,
        max_keepalive=LIMIT,
        keepalive_expiry=2.0,
        deadline=14.0,
        requests=forgotten + others,
        backend=variant["backend"],
    )


async def body(driver: Any, load: Load) -> None:
    await driver.gather([request for request in load.requests if request.lent])
    driver.collect()
    await driver.gather([request for request in load.requests if not request.lent])


SCENARIO = Scenario(
    id="unread-response",
    requirement="A response that its caller never closes keeps its own slot at most, and no other.",
    references=("encode/httpx#2139",),
    variants={"backend": ("asyncio", "trio"), "hand": ("kept", "dropped", "abandoned")},
    load=load,
    body=body,
)

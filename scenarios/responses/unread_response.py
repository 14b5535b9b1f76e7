"""Responses that are never read to their end and never closed: by contract the caller's fault.

The pool did not lose an unreturned slot, and a PoolTimeout that results from it is correct. With `hand=kept` the caller
still holds two of them: one slot of three is left, which serves other requests one after another; a request that
arrives while it is taken times out. With `hand=dropped` the responses are no longer referenced, and with
`hand=abandoned` neither are those of which a piece was read: whether the collector then frees the slots differs by
release, and is recorded. The slots that no request took have to be there in any case.
"""

from typing import Any

from ..declaration.scenario import Load, Request, Scenario, Variant

LIMIT = 3
FORGOTTEN = 2
ENDINGS = {"kept": "keep", "dropped": "drop", "abandoned": "abandon"}


def load(variant: Variant) -> Load:
    """Two are forgotten at 0; three come from 1 on, one after another, of 2 units each; one comes in vain."""
    forgotten = [
        Request(id="forgotten-%d" % n, hold=0.0, pool_timeout=2.5, ending=ENDINGS[variant["hand"]], endless=True)
        for n in range(FORGOTTEN)
    ]
    names = ["request-%d" % n for n in range(3)]
    others = [
        Request(id=name, hold=2.0, pool_timeout=2.5, at=0.0 if n else 1.0, after=names[n - 1] if n else None)
        for n, name in enumerate(names)
    ]
    if variant["hand"] == "kept":
        others.append(Request(id="in-vain", hold=1.0, pool_timeout=0.75, at=1.5))
    return Load(
        limit=LIMIT,
        max_keepalive=LIMIT,
        keepalive_expiry=2.0,
        deadline=12.0,
        requests=forgotten + others,
        backend=variant["backend"],
    )


async def body(driver: Any, load: Load) -> None:
    await driver.gather([request for request in load.requests if request.lent])
    driver.collect()
    await driver.play([request for request in load.requests if not request.lent])


SCENARIO = Scenario(
    id="unread-response",
    requirement="A response that its caller never closes keeps its own slot at most, and no other.",
    references=("encode/httpx#2139",),
    variants={"backend": ("asyncio", "trio"), "hand": ("kept", "dropped", "abandoned")},
    load=load,
    body=body,
)

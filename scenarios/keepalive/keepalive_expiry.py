"""Idle connections expire: none is used after its time, and none blocks a slot then.

All slots are used at once and go idle; long after their time a request follows. With `then=same` it is one request to
the same origin: it opens a connection of its own, and the expired ones are closed meanwhile, as is counted from
outside. With `then=other` it is a request for each slot to another origin: the idle connections must not be in the way.

`by` is what sets the expiry: `limits` are those of a client, `any` is any mechanism of a release (a transport, an
attribute), and `default` keeps the 5 seconds that clients set themselves.

The wait is long because some releases look for expired connections only once a second.
"""

from typing import Any

from ..declaration.scenario import Load, Request, Scenario, Variant

LIMIT = 3
EXPIRY = {"any": 8.0, "limits": 8.0, "default": 55.0}
"""Units; a default of 5 seconds is over by then, on a slow machine all the more."""


def load(variant: Variant) -> Load:
    """Connections are idle from 1 on, and expired, also for pools that check once a second, 10 units after their
    time.
    """
    other = variant["then"] == "other"
    expiry = EXPIRY[variant["by"]]
    again = expiry + 12.0
    first = Request(id="", hold=1.0, pool_timeout=2.0)
    later = first._replace(at=again, door="plain#1" if other else "plain")
    requests = [first._replace(id="first-%d" % n) for n in range(LIMIT)]
    requests += [later._replace(id="later-%d" % n) for n in range(LIMIT if other else 1)]
    return Load(
        limit=LIMIT,
        max_keepalive=LIMIT,
        keepalive_expiry=expiry,
        deadline=again + 5.5,
        requests=requests,
        backend=variant["backend"],
        kept=LIMIT if other else 1,
        expiry_by=variant["by"],
    )


async def body(driver: Any, load: Load) -> None:
    await driver.play(load.requests)
    await driver.settle()


SCENARIO = Scenario(
    id="keepalive-expiry",
    requirement="An idle connection that has expired is not used again, is closed, and makes no request wait.",
    references=("encode/httpx#627", "encode/httpx#1005", "encode/httpx#1398"),
    variants={"backend": ("asyncio", "trio"), "by": ("any", "limits", "default"), "then": ("same", "other")},
    load=load,
    body=body,
)

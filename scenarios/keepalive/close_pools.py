"""A client with more than one pool is closed: the connections of each pool close.

`by=proxy`: the client is made with a proxy, which has a pool of its own. `by=mounts`: another transport is mounted for
some URLs, and both are used. `by=raising`: so are they, and the main transport closes its connections and then raises;
the error is the caller's own, the connections of the mounted transport are the client's to close. The client is closed
by `aclose()`, or at the end of its block with `way=exit`.

Connections are counted from outside half a unit after the client was closed. Slots are counted on a new client.
"""

import gc
from typing import Any

from ..declaration.scenario import Load, Request, Scenario, Variant
from ..own_code.several_pools import SeveralPools, mounted, proxied
from ..own_code.through import OwnCode, adapter_of, door_url, proxy_url

EACH = 2
"""Requests to each pool: as many connections that are idle when the client is closed."""
ELSEWHERE = "plain#1"
"""The door that the mounted transport is for."""


def load(variant: Variant) -> Load:
    """All requests take one unit and never wait; through a proxy all go to one pool."""
    by = variant["by"]
    request = Request(id="", hold=1.0, pool_timeout=2.5)
    doors = ["plain"] if by == "proxy" else ["plain", ELSEWHERE]
    requests = [
        request._replace(id="%s-%s-%d" % (by, variant["way"], n), door=doors[n % len(doors)])
        for n in range(EACH * len(doors))
    ]
    return Load(
        limit=len(requests),
        max_keepalive=len(requests),
        keepalive_expiry=2.0,
        deadline=4.5,
        requests=requests,
        proxy="proxy" if by == "proxy" else None,
        backend=variant["backend"],
        kept=0,
    )


async def body(driver: Any, load: Load) -> None:
    # A connection that is left to the garbage collector stays open until the collector happens to run.
    gc.disable()
    by, way, _ = load.requests[0].id.split("-")
    adapter, proxy = adapter_of(driver), proxy_url(driver)
    client = proxied(adapter, proxy) if proxy else mounted(adapter, door_url(driver, ELSEWHERE), by == "raising")
    pools = SeveralPools(adapter, client, way)
    await pools.enter()
    own = OwnCode(driver, pools)
    await own.gather(load.requests)
    await own.close()
    await driver.settle()
    await driver.renew()


SCENARIO = Scenario(
    id="close-pools",
    requirement="Closing a client closes the connections of all its pools, also where closing one of them raises.",
    references=("encode/httpx#3769", "encode/httpx#824", "pydantic/httpx2#1070"),
    variants={
        "backend": ("asyncio", "trio"),
        "by": ("raising", "mounts", "proxy"),
        "way": ("aclose", "exit"),
    },
    load=load,
    body=body,
)

"""A client that is closed: its connections close, requests in flight end, and no request is left waiting.

`while=idle`: nothing is in flight. `while=active`: every slot is in use; a request in flight may be served to the end
or get an error. `while=waiting`: other requests wait for a slot as well. Those can't get PoolTimeout, as no slot will
ever be released, and may not hang either. `while=again`: one client is used and closed repeatedly, where a release
allows that, and keeps no slot between rounds. `while=leaving`: the event loop ends with the client, as at the end of a
program; what is not closed by then stays open.

Closing raises nothing. Connections are counted from outside half a unit after all has ended. Slots are counted on a new
client, but with `again` on the old one.
"""

import gc
from functools import partial
from typing import Any

from ..declaration.scenario import Load, Request, Scenario, Variant

LIMIT = 3
WAITING = 2
ROUNDS = 3
CLOSES = 1.0
"""Units after which a client with requests in flight is closed."""


def load(variant: Variant) -> Load:
    """Those in flight are done at 3 on a server that is not left before."""
    situation = variant["while"]
    request = Request(id="", hold=1.0, pool_timeout=4.5, door=variant["door"])
    cut = request._replace(hold=3.0, expected="error")
    kinds = {
        "idle": [("first", request, LIMIT)],
        "leaving": [("last", request, LIMIT)],
        "active": [("active", cut, LIMIT)],
        "waiting": [("active", cut, LIMIT), ("waiting", cut, WAITING)],
        "again": [("round-%d" % n, request._replace(at=2.0 * n), LIMIT) for n in range(ROUNDS)],
    }[situation]
    return Load(
        limit=LIMIT,
        max_keepalive=LIMIT,
        keepalive_expiry=2.0,
        deadline=9.5,
        requests=[kind._replace(id="%s-%d" % (name, n)) for name, kind, count in kinds for n in range(count)],
        backend=variant["backend"],
        kept=0,
    )


async def body(driver: Any, load: Load) -> None:
    if all(request.expected == "error" for request in load.requests):
        await driver.beside([partial(driver.play, load.requests), partial(driver.close, CLOSES)])
    elif load.requests[-1].at:
        await _over_and_over(driver, load)
        return
    elif load.requests[0].id.startswith("last"):
        # A connection that is left to the garbage collector stays open until the collector happens to run.
        gc.disable()
        await driver.leave(load.requests)
    else:
        await driver.gather(load.requests)
        await driver.close()
    await driver.settle()
    await driver.renew()


async def _over_and_over(driver: Any, load: Load) -> None:
    for at in sorted({request.at for request in load.requests}):
        if at:
            await driver.reopen()
        await driver.gather([request for request in load.requests if request.at == at])
        await driver.close()
    await driver.settle()


SCENARIO = Scenario(
    id="close-pool",
    requirement="Closing a client closes its connections, raises nothing, and leaves no request waiting.",
    references=("encode/httpcore#98", "encode/httpcore#631", "encode/httpx#494", "encode/httpx#720"),
    variants={
        "backend": ("asyncio", "trio"),
        "door": ("plain", "tls"),
        "while": ("active", "idle", "waiting", "again", "leaving"),
    },
    load=load,
    body=body,
)

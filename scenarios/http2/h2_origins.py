"""More origins over HTTP/2 than the pool has slots.

A connection of HTTP/2 carries many requests of one origin, and keeps its slot while it has any. With `slots=idle`
requests to four origins come one after another: each needs the slot of an idle connection, which the pool has to close.
With `slots=busy` both connections are in use when requests to other origins arrive; these get the slots, a connection
for each origin, once no request is left on one. With `slots=shared` a further request arrives meanwhile, for an origin
that has a connection: it needs no slot, and does not wait behind those that do.
"""

from typing import Any, List

from ..declaration.scenario import Load, Request, Scenario, Variant, origin
from ..declaration.shapes import one_after_another

DOOR = "wire-h2"
SLOTS = 2


def load(variant: Variant) -> Load:
    """Origins are served in pairs from 0, 2 and 3 units on, as far as they are busy; the sharing request at 1."""
    return Load(
        limit=SLOTS,
        max_keepalive=SLOTS,
        keepalive_expiry=8.0,
        deadline=12.5,
        requests=_requests(variant["slots"]),
        http2=True,
        backend=variant["backend"],
    )


def _requests(slots: str) -> List[Request]:
    one = Request(id="", hold=1.0, pool_timeout=6.5)
    if slots == "idle":
        # Four origins, and the first two once more.
        visit = one._replace(hold=0.5, pool_timeout=2.5)
        return one_after_another([visit._replace(id="visit-%d" % n, door=origin(DOOR, n % 4)) for n in range(6)])
    origins = [
        one._replace(id="origin-%d" % n, door=origin(DOOR, n), hold=1.0 if n >= SLOTS else 2.0) for n in range(6)
    ]
    busy = [each._replace(id="%s-task-%d" % (each.id, n)) for each in origins for n in range(2)]
    sharing = one._replace(id="sharing", at=1.0, hold=0.5, pool_timeout=1.5, door=DOOR)
    return busy + ([sharing] if slots == "shared" else [])


async def body(driver: Any, load: Load) -> None:
    await driver.play(load.requests)


SCENARIO = Scenario(
    id="h2-origins",
    requirement="An idle HTTP/2 connection gives its slot to a request for another origin; where none is idle, such "
    "requests wait for one, and requests whose origin has a connection do not.",
    references=("encode/httpx#289", "pydantic/httpx2#98"),
    variants={"slots": ("idle", "busy", "shared"), "backend": ("asyncio", "trio")},
    load=load,
    body=body,
)

"""A server that lowers its stream limit while a connection is in use.

It may do so at any time: no open stream ends, and no new one may begin until there are fewer than the limit. The first
request's response carries the new limit, of one. With `others=many` three more streams are open at that moment: they
have to be served, although they exceed the limit; a client that waits for its count to fall before it reads on waits
for ever. The requests that follow are served one after another.
"""

from typing import Any

from ..declaration.scenario import Load, Request, Scenario, Variant

DOOR = "wire-h2"
AFTER = 3


def load(variant: Variant) -> Load:
    """The limit falls at 1 unit, the others end at 2; three more start at 3 and are served at 3, 4 and 5.

    Where the others wait for a slot one after another, in vain, the three begin at 8: they have the time to end, too.
    """
    lowering = Request(id="lowering", hold=1.0, pool_timeout=4.0, door=DOOR, fault="lower-limit")
    others = 3 if variant["others"] == "many" else 0
    return Load(
        limit=1,
        max_keepalive=1,
        keepalive_expiry=2.0,
        deadline=14.5,
        requests=[lowering]
        + [Request(id="other-%d" % n, hold=2.0, pool_timeout=4.0, door=DOOR) for n in range(others)]
        + [Request(id="after-%d" % n, hold=1.0, pool_timeout=5.5, at=3.0, door=DOOR) for n in range(AFTER)],
        http2=True,
    )


async def body(driver: Any, load: Load) -> None:
    await driver.gather([request for request in load.requests if request.at == 0.0])
    await driver.gather([request for request in load.requests if request.at > 0.0])


SCENARIO = Scenario(
    id="h2-lower-limit",
    requirement="A stream limit that is lowered in flight ends no stream, stops no reading, and is kept to by the "
    "requests that follow.",
    references=("encode/httpcore#652", "pydantic/httpx2#1216", "pydantic/httpx2#1217"),
    variants={"others": ("many", "none")},
    load=load,
    body=body,
)

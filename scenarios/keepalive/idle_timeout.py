"""A connection is idle for longer than the read timeout, and is then used again under one: idling is not reading.

Every response is read to its end at once and released late (`release=late`), or as it was read. Its connection is idle
then for longer than the read timeout of the request before; the next request has a read timeout of its own, which
counts from its own first read. A pool whose timer runs on after the last byte fails the next request or closes the
connection meanwhile; a correct one serves it on the same connection.
"""

from typing import Any

from ..declaration.scenario import Load, Request, Scenario, Variant
from ..own_code.late_release import LateRelease
from ..own_code.through import OwnCode, adapter_of, seconds, way_of_driver

LIMIT = 2
LATE = 0.5
"""Units from the last byte of a response to its release."""
READ_TIMEOUT = 1.5
ROUNDS = 3


def load(variant: Variant) -> Load:
    """Requests of one unit under a read timeout of 1.5, at 0, 4 and 8; their connections are idle for 2.5 units."""
    late = variant["release"] == "late"
    request = Request(id="", hold=1.0, pool_timeout=2.5, door="wire", read_timeout=READ_TIMEOUT)
    return Load(
        limit=LIMIT,
        max_keepalive=LIMIT,
        keepalive_expiry=6.0,
        deadline=11.5,
        requests=[
            request._replace(id="%s-%d-%d" % ("late" if late else "read", number, n), at=4.0 * number)
            for number in range(ROUNDS)
            for n in range(LIMIT)
        ],
        backend=variant["backend"],
        connections=LIMIT,
    )


async def body(driver: Any, load: Load) -> None:
    if load.requests[0].id.startswith("late"):
        late = LateRelease(adapter_of(driver), way_of_driver(driver), seconds(driver, LATE))
        driver = OwnCode(driver, late)
    await driver.play(load.requests)


SCENARIO = Scenario(
    id="idle-timeout",
    requirement="The time that a connection is idle counts towards no read timeout, of the request before or after.",
    references=("aio-libs/aiohttp#12795", "aio-libs/aiohttp#12953"),
    variants={"backend": ("asyncio", "trio"), "release": ("late", "read")},
    load=load,
    body=body,
)

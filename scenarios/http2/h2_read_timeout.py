"""A read timeout over HTTP/2 ends the only request of a connection, and its origin is used again after a pause.

The connection then has no stream left, and the client may use it further or give it up. It may not keep it as an idle
one that takes no request: its slot would be lost until the connection expires, and for good without an expiry. So one
unit later, long before the expiry, as many requests arrive as the connection has streams; all are served at once.
"""

from typing import Any

from ..declaration.scenario import Load, Request, Scenario, Variant

DOOR = "wire-h2?streams=4"


def load(variant: Variant) -> Load:
    """The timeout is at 1 unit; four requests start at 2, long before the connection has expired."""
    late = Request(id="late", hold=6.0, pool_timeout=4.0, read_timeout=1.0, door=DOOR)
    after = Request(id="after", hold=0.5, pool_timeout=2.5, read_timeout=1.5, at=2.0, door=DOOR)
    return Load(
        limit=1,
        max_keepalive=1,
        keepalive_expiry=6.0,
        deadline=8.5,
        requests=[late] + [after._replace(id="after-%d" % n) for n in range(4)],
        http2=True,
        backend=variant["backend"],
    )


async def body(driver: Any, load: Load) -> None:
    await driver.play(load.requests)


SCENARIO = Scenario(
    id="h2-read-timeout",
    requirement="After a read timeout over HTTP/2 its connection is used further or gives its slot back at once.",
    references=("pydantic/httpx2#1012",),
    variants={"backend": ("asyncio", "trio")},
    load=load,
    body=body,
)

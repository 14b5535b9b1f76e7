"""Streams that are given up before their end: the client has to reset them, or the server counts them as open for ever.

A connection carries four streams. Three are given up after one unit: cancelled, or ended by a read timeout, or closed
when half of the response was read. Their server would continue for a long time. The four requests that follow find as
many streams as before; a client that has not reset the three has one left, whatever its own count is.
"""

from typing import Any

from ..declaration.scenario import Load, Request, Scenario, Variant

STREAMS = 4
GIVEN_UP = 3
DOOR = "wire-h2?streams=%d" % STREAMS
LONG = 9.0


def load(variant: Variant) -> Load:
    """Three are given up at 1 unit; four more start at 2, and are served at once."""
    how = variant["by"]
    one = Request(id="given-up", hold=LONG, pool_timeout=4.0, door=DOOR)
    if how == "cancel":
        one = one._replace(cancelled=1.0)
    elif how == "timeout":
        one = one._replace(read_timeout=1.0)
    else:
        one = one._replace(hold=1.0, fault="stall-body", ending="close")
    after = Request(id="after", hold=1.0, pool_timeout=3.5, at=2.0, door=DOOR)
    return Load(
        limit=1,
        max_keepalive=1,
        keepalive_expiry=2.0,
        deadline=8.0,
        requests=[one._replace(id="given-up-%d" % n) for n in range(GIVEN_UP)]
        + [after._replace(id="after-%d" % n) for n in range(STREAMS)],
        http2=True,
        backend=variant["backend"],
    )


async def body(driver: Any, load: Load) -> None:
    first, after = load.requests[:GIVEN_UP], load.requests[GIVEN_UP:]
    if first[0].cancelled is None:
        await driver.gather(first)
    else:
        await driver.cancel_group(first)
    await driver.gather(after)


SCENARIO = Scenario(
    id="h2-cancel",
    requirement="An HTTP/2 stream that is given up is reset, and can be used again: by the client's count and by the "
    "server's.",
    references=("encode/httpx#1414", "encode/httpcore#1022"),
    variants={"backend": ("asyncio", "trio"), "by": ("timeout", "cancel", "close")},
    load=load,
    body=body,
)

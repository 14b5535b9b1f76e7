"""Requests are cancelled while their connections are being made.

The server accepts the connection and sends nothing, so that the handshake never ends; three tasks on two slots wait for
it until they are cancelled, all in one group or each by itself. None of them had a connection that could be closed in
the ordinary way, and each had its slot: both have to be free at once.
"""

from typing import Any

from ..declaration.scenario import Load, Request, Scenario, Variant
from ..declaration.shapes import in_turns

LIMIT = 2
TURNS = 3
TURN = 2.0
"""Units between two rounds; connecting takes the first half of them."""


def load(variant: Variant) -> Load:
    """Start three at 0, 2 and 4 units; those at 6 are served at once."""
    one = Request(id="connecting", hold=50.0, pool_timeout=4.5, door="silent-tls")
    connecting = in_turns(one, LIMIT + 1, TURNS, TURN)
    after = [Request(id="after-%d" % n, hold=1.0, pool_timeout=2.5, at=TURNS * TURN) for n in range(LIMIT)]
    return Load(
        limit=LIMIT,
        max_keepalive=LIMIT,
        keepalive_expiry=2.0,
        deadline=TURNS * TURN + 4.5,
        requests=after + connecting,
        style=variant["style"],
        backend=variant["backend"],
    )


async def body(driver: Any, load: Load) -> None:
    await driver.play(load.requests)


SCENARIO = Scenario(
    id="cancel-connecting",
    requirement="A request that is cancelled while it connects returns its slot at once.",
    references=("encode/httpcore#785", "encode/httpcore#1093", "pydantic/httpx2#983"),
    variants={"backend": ("asyncio", "trio"), "style": ("native", "wait_for", "level")},
    load=load,
    body=body,
    extras=("anyio",),
    repeats=3,
)

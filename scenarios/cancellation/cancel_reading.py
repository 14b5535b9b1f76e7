"""Requests are cancelled while they read a body that does not end.

A body that arrives in pieces keeps every reader busy until its caller gives up: two tasks on two slots read for one
unit, three times. With `style=wait_for` the caller uses `asyncio.wait_for`, with `native` the task is cancelled, with
`level` an anyio scope. Each time both slots have to be free at once.
"""

from typing import Any

from ..declaration.scenario import Load, Request, Scenario, Variant
from ..declaration.shapes import in_turns

LIMIT = 2
TURNS = 3
TURN = 2.0
"""Units between two rounds; reading takes the first half of them."""


def load(variant: Variant) -> Load:
    """Start readers at 0, 2 and 4 units; the requests at 6 are served at once."""
    one = Request(id="reader", hold=50.0, pool_timeout=4.5, endless=True)
    readers = in_turns(one, LIMIT, TURNS, TURN)
    after = [Request(id="after-%d" % n, hold=1.0, pool_timeout=2.5, at=TURNS * TURN) for n in range(LIMIT)]
    return Load(
        limit=LIMIT,
        max_keepalive=LIMIT,
        keepalive_expiry=2.0,
        deadline=TURNS * TURN + 4.5,
        requests=readers + after,
        style=variant["style"],
        backend=variant["backend"],
    )


async def body(driver: Any, load: Load) -> None:
    await driver.play(load.requests)


SCENARIO = Scenario(
    id="cancel-reading",
    requirement="A request that is cancelled while it reads its body returns its slot at once.",
    references=("encode/httpx#2139", "encode/httpx#2156", "encode/httpcore#305", "encode/httpcore#726"),
    variants={"backend": ("asyncio", "trio"), "style": ("wait_for", "native", "level")},
    load=load,
    body=body,
    extras=("anyio",),
    repeats=3,
)

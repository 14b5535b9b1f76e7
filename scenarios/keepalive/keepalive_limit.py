"""As many idle connections as allowed are kept, no more and no fewer, and a waiting request gets an existing one.

`while=idle`: all slots are used at once and go idle together; those that may be kept serve the next requests.
`while=busy`: some go idle while others are in use. The limit counts idle connections, so these are kept.
`while=queued`: more requests than slots. A released connection goes to a waiting request. `while=origins`: the same,
with requests to another origin at the end of the queue. A connection is closed for them only when they are next: not
while it was just given to an earlier request.

Connections are counted on both sides: opened, by the server, and left open in the end, from outside the client.
"""

from typing import Any, List

from ..declaration.scenario import Load, Request, Scenario, Variant

LIMIT = 4
KEPT = 2


def load(variant: Variant) -> Load:
    """Connections go idle at 1; later requests start at 2."""
    kept, connections, groups = {
        "idle": (KEPT, LIMIT, [_group("first", LIMIT), _group("later", KEPT, at=2.0)]),
        "busy": (
            KEPT,
            LIMIT,
            [_group("busy", LIMIT - KEPT, hold=4.0), _group("first", KEPT), _group("later", KEPT, at=2.0)],
        ),
        "queued": (LIMIT, LIMIT, [_group("task", 3 * LIMIT)]),
        "origins": (LIMIT, 2 * LIMIT, [_group("task", 2 * LIMIT), _group("other", LIMIT, door="plain#1")]),
    }[variant["while"]]
    return Load(
        limit=LIMIT,
        max_keepalive=kept,
        keepalive_expiry=8.0,
        deadline=9.5,
        requests=[request for group in groups for request in group],
        backend=variant["backend"],
        connections=connections,
        kept=kept,
    )


def _group(name: str, count: int, at: float = 0.0, hold: float = 1.0, door: str = "plain") -> List[Request]:
    return [Request(id="%s-%02d" % (name, n), hold=hold, pool_timeout=6.5, at=at, door=door) for n in range(count)]


async def body(driver: Any, load: Load) -> None:
    await driver.play(load.requests)
    await driver.settle()


SCENARIO = Scenario(
    id="keepalive-limit",
    requirement="As many idle connections as allowed are kept, no more and no fewer, and no connection is given "
    "up that a request is waiting for.",
    references=(
        "encode/httpcore#153",
        "encode/httpcore#920",
        "encode/httpcore#1000",
        "encode/httpcore#1110",
        "pydantic/httpx2#1075",
    ),
    variants={"backend": ("asyncio", "trio"), "while": ("idle", "busy", "queued", "origins")},
    load=load,
    body=body,
)

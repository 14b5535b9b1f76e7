"""One client used on several event loops in turn; no release supports this, so the result is informational.

A client whose locks or idle connections belong to the closed loop may raise an error. Whether a release survives it is
worth knowing: applications do it, in tests and in scripts that call `asyncio.run` more than once. With `keepalive=off`
no idle connection is carried from one loop to the next, and with `queue=off` there are no more tasks than slots.
"""

from typing import Any

from ..declaration.scenario import Load, Request, Scenario, Variant

LIMIT = 2
LOOPS = 3


def load(variant: Variant) -> Load:
    """Send two or five requests of one unit three times; none can time out."""
    tasks = LIMIT + 3 if variant["queue"] == "on" else LIMIT
    return Load(
        limit=LIMIT,
        max_keepalive=LIMIT if variant["keepalive"] == "on" else 0,
        keepalive_expiry=8.0,
        deadline=20.0,
        requests=[
            Request(id="loop-%d-%d" % (loop, n), hold=1.0, pool_timeout=6.5, at=loop * 5.0)
            for loop in range(LOOPS)
            for n in range(tasks)
        ],
    )


async def body(driver: Any, load: Load) -> None:
    for loop in range(LOOPS):
        await driver.gather_elsewhere([request for request in load.requests if request.at == loop * 5.0])


SCENARIO = Scenario(
    id="several-loops",
    requirement="Not promised by any release: a client that is used on one event loop after another serves on each.",
    references=("encode/httpx#2058", "encode/httpcore#525"),
    variants={"keepalive": ("off", "on"), "queue": ("on", "off")},
    load=load,
    body=body,
)

"""The block of `stream()` ends by an error of its caller: leaving the block returns the slot.

The caller raises for an error status, which it sees before it reads anything (`by=status`, the answer is whole and
waits to be read), or after one piece of a body that never ends (`by=body`). The caller does not close the response by
itself: the block does. More often than there are slots, one after another, or all at once (`queue=on`); then as many
requests as there are slots are served at once.
"""

from typing import Any

from ..declaration.scenario import Load, Request, Scenario, Variant
from ..declaration.shapes import one_after_another
from ..own_code.streaming import RaisingInBlock
from ..own_code.through import OwnCode, adapter_of

LIMIT = 2
TIMES = 5


def load(variant: Variant) -> Load:
    """Five that end in the caller's error at once, then as many requests as slots, at 5 units."""
    raising = Request(id="", hold=0.0, pool_timeout=2.5, door="answers", expected="error")
    raising = raising._replace(**({"fault": "status-503"} if variant["by"] == "status" else {"endless": True}))
    requests = [raising._replace(id="%s-%d" % (variant["by"], n)) for n in range(TIMES)]
    after = Request(id="", hold=1.0, pool_timeout=1.5, at=5.0, door="answers")
    return Load(
        limit=LIMIT,
        max_keepalive=LIMIT,
        keepalive_expiry=2.0,
        deadline=15.5,
        requests=(requests if variant["queue"] == "on" else one_after_another(requests))
        + [after._replace(id="after-%d" % n) for n in range(LIMIT)],
        backend=variant["backend"],
    )


async def body(driver: Any, load: Load) -> None:
    raising, after = load.requests[:TIMES], load.requests[TIMES:]
    await OwnCode(driver, RaisingInBlock(adapter_of(driver), raising[0].id.split("-")[0])).play(raising)
    await driver.gather(after)


SCENARIO = Scenario(
    id="stream-raises",
    requirement="A response is closed when the block of stream() ends by an error of its caller.",
    references=("encode/httpx#1315", "encode/httpx#1171"),
    variants={"backend": ("asyncio", "trio"), "by": ("status", "body"), "queue": ("on", "off")},
    load=load,
    body=body,
)

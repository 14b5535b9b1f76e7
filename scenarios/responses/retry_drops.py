"""A transport of the caller sends a request again after 429, and does not return the first answer: whose leak is it?

The transport is the caller's own, around that of the client. With `hand=dropped` it lets the first answer go, neither
read nor closed, and with `hand=kept` something still refers to it: by contract that slot is the caller's, a correct
pool does not get it back, and the verdict counts the slots that are not the caller's. Whether the collector frees the
slot of a dropped answer differs by release, and is a note of the verdict. With `hand=closed` the transport closes the
answer, and every slot is there. `error-answers` has the same load for a client of your own, where each slot counts.
"""

from typing import Any

from ..declaration.scenario import Load, Request, Scenario, Variant
from ..own_code.retrying import Retrying
from ..own_code.through import OwnCode, adapter_of

LIMIT = 4
TIMES = 2
ENDINGS = {"dropped": "drop", "kept": "keep", "closed": "read"}


def load(variant: Variant) -> Load:
    """Two are refused and sent again, a unit apart; at 3 two requests are served on the slots that are left."""
    hand = variant["hand"]
    refused = Request(id="", hold=0.0, pool_timeout=1.5, door="answers", fault="status-429", ending=ENDINGS[hand])
    after = Request(id="", hold=1.0, pool_timeout=1.5, at=3.0, door="answers")
    slots = LIMIT if hand == "closed" else LIMIT - TIMES
    return Load(
        limit=LIMIT,
        max_keepalive=LIMIT,
        keepalive_expiry=2.0,
        deadline=8.5,
        requests=[refused._replace(id="%s-%d" % (hand, n), at=float(n)) for n in range(TIMES)]
        + [after._replace(id="after-%d" % n) for n in range(slots)],
        backend=variant["backend"],
    )


async def body(driver: Any, load: Load) -> None:
    refused, after = load.requests[:TIMES], load.requests[TIMES:]
    await OwnCode(driver, Retrying(adapter_of(driver), refused[0].id.split("-")[0])).play(refused)
    await driver.gather(after)


SCENARIO = Scenario(
    id="retry-drops",
    requirement="An answer that the caller's own transport drops keeps its own slot at most, and no other.",
    references=("encode/httpx#2139",),
    variants={"backend": ("asyncio", "trio"), "hand": ("dropped", "kept", "closed")},
    load=load,
    body=body,
)

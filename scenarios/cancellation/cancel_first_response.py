"""A group is cancelled at its first response, again and again: the first answer wins, the other requests are cancelled.

Five tasks on two slots. One of the two served tasks is answered; at that moment the others are cancelled: one in
flight, and three in the queue, one of which is just being given the released slot. In ten rounds no slot may be lost,
and no cancelled request may stay at the head of the queue. Then as many requests as there were tasks are served in
order.
"""

from typing import Any, List

from ..declaration.scenario import Load, Request, Scenario, Variant

LIMIT = 2
TASKS = 5
ROUNDS = 10
ROUND = 1.5
"""Units between two rounds, of which the first response takes one half."""
FIRST = 0.5


def group(number: int) -> List[Request]:
    """Return a round: the first request is served, which cancels all others."""
    at = number * ROUND
    first = Request(id="round-%d-first" % number, hold=FIRST, pool_timeout=9.0, at=at)
    others = [
        Request(id="round-%d-%d" % (number, n), hold=6.0, pool_timeout=9.0, at=at, cancelled=at + FIRST)
        for n in range(TASKS - 1)
    ]
    return [first, *others]


def load(variant: Variant) -> Load:
    """Ten rounds in 15 units, then five requests on two slots."""
    rounds = [request for number in range(ROUNDS) for request in group(number)]
    after = [Request(id="after-%d" % n, hold=1.0, pool_timeout=4.5, at=ROUNDS * ROUND) for n in range(TASKS)]
    return Load(
        limit=LIMIT,
        max_keepalive=LIMIT if variant["keepalive"] == "on" else 0,
        keepalive_expiry=3.0,
        deadline=ROUNDS * ROUND + 6.0,
        requests=rounds + after,
        style=variant["style"],
        backend=variant["backend"],
    )


async def body(driver: Any, load: Load) -> None:
    for number in range(ROUNDS):
        await driver.cancel_at_first([request for request in load.requests if request.at == number * ROUND])
    await driver.gather([request for request in load.requests if request.at == ROUNDS * ROUND])


SCENARIO = Scenario(
    id="cancel-first-response",
    requirement="A group that is cancelled at its first response leaves every slot free and the queue empty.",
    references=("encode/httpcore#785", "encode/httpcore#830"),
    variants={"backend": ("asyncio", "trio"), "keepalive": ("on", "off"), "style": ("level", "native")},
    load=load,
    body=body,
    extras=("anyio",),
)

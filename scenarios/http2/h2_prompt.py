"""Requests over HTTP/2 whose answers arrive at once: several in one packet, or each before other requests are sent.

A connection carries ten requests that start together. With `answers=together` their server sends all answers in one
packet: whichever request reads it also reads what the others wait for, and none of these may wait for a further packet,
as there is none. With `answers=apart` it holds no request, and sends each answer on its own, while other requests still
begin. Which request reads what is chance, so that each of several connections has its round.
"""

from typing import Any

from ..declaration.scenario import Load, Request, Scenario, Variant, origin

DOOR = "wire-h2"
ROUNDS = 3
TASKS = 10


def load(variant: Variant) -> Load:
    """Three rounds of ten begin at 0, 1 and 2 units, and one more request at 3; each is served within half a unit."""
    one = Request(id="", hold=0.0, pool_timeout=3.0)
    if variant["answers"] == "together":
        one = one._replace(hold=0.5, fault="together")
    return Load(
        limit=ROUNDS,
        max_keepalive=ROUNDS,
        keepalive_expiry=4.0,
        deadline=6.5,
        requests=[
            one._replace(id="round-%d-task-%02d" % (turn, n), at=float(turn), door=origin(DOOR, turn))
            for turn in range(ROUNDS)
            for n in range(TASKS)
        ]
        + [one._replace(id="last", at=float(ROUNDS), door=DOOR, fault=None)],
        http2=True,
        backend=variant["backend"],
    )


async def body(driver: Any, load: Load) -> None:
    await driver.play(load.requests)


SCENARIO = Scenario(
    id="h2-prompt",
    requirement="Requests over HTTP/2 whose answers arrive at once are all served, whichever request reads an answer.",
    references=("encode/httpcore#439",),
    variants={"answers": ("together", "apart"), "backend": ("asyncio", "trio")},
    load=load,
    body=body,
)

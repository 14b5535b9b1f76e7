"""A thread times out reading at the moment at which the thread that inherits its slot times out queueing.

On one slot, again and again: a server that never answers, a reader that gives up on it, and two that wait for its slot
and give up at about the same time, a little sooner or a little later each round. The reader that times out hands its
slot to a thread that is just giving up; a pool that then expects a connection from it waits for ever. Whether the
racing requests are served or time out is open; later requests have to be served.
"""

from typing import Any, List

from ..declaration.scenario import Load, Request, Scenario, Variant

LIMIT = 1
ROUNDS = 24
ROUND = 0.5
"""Units between two rounds."""
READING = 0.25
"""Units after which a reader gives up."""
SPREAD = 0.15
"""Units by which the waiting threads are sooner or later, at most."""


def one_round(number: int) -> List[Request]:
    """A reader and two that wait; all of them give up after about the same time."""
    at = number * ROUND
    offset = SPREAD * (2.0 * number / (ROUNDS - 1) - 1.0)
    reader = Request(
        id="reader-%02d" % number,
        hold=9.0,
        pool_timeout=30.0,
        at=at,
        door="wire",
        fault="stall-head",
        read_timeout=READING,
        raced=True,
    )
    waits = [
        Request(
            id="waiter-%02d-%d" % (number, n),
            hold=0.0,
            pool_timeout=READING + offset + 0.01 * n,
            at=at + 0.02,
            door="wire",
            raced=True,
        )
        for n in range(2)
    ]
    return [reader, *waits]


def load(variant: Variant) -> Load:
    """The rounds are over after 12 units; the three afterwards are served one after another."""
    rounds = [request for number in range(ROUNDS) for request in one_round(number)]
    after = [Request(id="after-%d" % n, hold=0.5, pool_timeout=4.0, at=15.0, door="wire") for n in range(3)]
    return Load(limit=LIMIT, max_keepalive=LIMIT, keepalive_expiry=2.0, deadline=24.0, requests=rounds + after)


async def body(driver: Any, load: Load) -> None:
    await driver.play(load.requests)


SCENARIO = Scenario(
    id="threads-read-timeout",
    requirement="A slot that is handed to a thread which is just giving up is not lost.",
    references=("encode/httpcore#550", "encode/httpcore#502", "encode/httpcore#688"),
    variants={},
    load=load,
    body=body,
    threads=True,
    repeats=3,
)

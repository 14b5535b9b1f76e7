"""The last stream of a connection ends while another one begins: the connection is in use, not idle.

Between a request's entering a connection and its stream lie some iterations of the event loop. If the last stream ends
just then, the pool finds no stream, and must not treat the connection as idle: after the idle timeout it would close it
under the request. So one response is closed a given number of iterations after another request began, on a connection
of its own for each number; the other is held for longer than the keep-alive expiry, and a further request makes the
pool check its connections meanwhile: late enough for all handshakes, one after another, and then the expiry. In which
iteration a stream begins is chance on some releases: one run that passes is not trusted.
"""

from functools import partial
from typing import Any

from ..declaration.scenario import Load, Request, Scenario, Variant, origin

TURNS = 12
"""Iterations of the event loop from the beginning of one request to the end of the other, at most."""
DOOR = "wire-h2"


def load(variant: Variant) -> Load:
    """The beginning requests are held for 7 units; idle connections are kept for 2, and the pool is used at 6."""
    ending = Request(id="", hold=0.0, pool_timeout=3.0)
    beginning = ending._replace(hold=7.0)
    doors = [origin(DOOR, n) for n in range(TURNS)]
    return Load(
        limit=TURNS + 1,
        max_keepalive=TURNS + 1,
        keepalive_expiry=2.0,
        deadline=12.0,
        requests=[
            *(ending._replace(id="ending-%02d" % n, door=door) for n, door in enumerate(doors)),
            *(beginning._replace(id="beginning-%02d" % n, door=door) for n, door in enumerate(doors)),
            ending._replace(id="looking", at=6.0),
        ],
        http2=True,
    )


async def body(driver: Any, load: Load) -> None:
    ending, beginning = load.requests[:TURNS], load.requests[TURNS:-1]
    pairs = [partial(driver.overlap, ending[turns], beginning[turns], turns) for turns in range(TURNS)]
    await driver.beside([*pairs, partial(driver.play, load.requests[-1:])])


SCENARIO = Scenario(
    id="h2-last-stream",
    requirement="A connection on which a request begins is not idle, and is not closed as an idle one.",
    references=("pydantic/httpx2#1013", "encode/httpcore#1062"),
    variants={},
    load=load,
    body=body,
    repeats=3,
)

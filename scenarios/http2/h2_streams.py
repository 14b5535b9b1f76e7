"""More requests to one origin than one HTTP/2 connection may carry.

A server limits how many streams a client may have open on a connection. With `room=plenty` all requests fit on one
connection, although they start together; with `room=rounds` they do not, and wait for a stream as for a slot; with
`room=timeout` that wait is longer than the pool timeout, which is due; with `room=second` the pool has a slot for a
second connection, which serves twice as many before the pool timeout of the others runs out. Afterwards the streams are
counted, not the slots alone.
"""

from typing import Any, Dict, NamedTuple

from ..declaration.scenario import Load, Request, Scenario, Variant


class Room(NamedTuple):
    limit: int
    streams: int
    tasks: int
    hold: float
    pool_timeout: float


ROOMS: Dict[str, Room] = {
    # A pool that opens a connection for each request can only serve the second one.
    "plenty": Room(limit=1, streams=6, tasks=6, hold=2.0, pool_timeout=3.0),
    # Three rounds of two: the last is due after 2 units.
    "rounds": Room(limit=1, streams=2, tasks=6, hold=1.0, pool_timeout=6.5),
    # Rounds begin at 0 and 2; all waits run out at 3.
    "timeout": Room(limit=1, streams=2, tasks=6, hold=2.0, pool_timeout=3.0),
    # Rounds of four, at 0 and 2, and of two where there is one connection.
    "second": Room(limit=2, streams=2, tasks=10, hold=2.0, pool_timeout=3.0),
}


def load(variant: Variant) -> Load:
    """A pool that never gives up, and has one connection, has served all at 10 units."""
    room = ROOMS[variant["room"]]
    return Load(
        limit=room.limit,
        max_keepalive=room.limit,
        keepalive_expiry=2.0,
        deadline=15.5,
        requests=[
            Request(
                id="task-%02d" % n,
                hold=room.hold,
                pool_timeout=room.pool_timeout,
                door="wire-h2?streams=%d" % room.streams,
            )
            for n in range(room.tasks)
        ],
        http2=True,
    )


async def body(driver: Any, load: Load) -> None:
    await driver.gather(load.requests)


SCENARIO = Scenario(
    id="h2-streams",
    requirement="Requests to one origin share an HTTP/2 connection up to its server's stream limit; beyond it they "
    "have a second connection where there is a slot, or wait, no longer than their pool timeout.",
    references=(
        "encode/httpcore#81",
        "encode/httpcore#89",
        "encode/httpcore#90",
        "encode/httpcore#652",
        "encode/httpcore#1088",
    ),
    variants={"room": ("plenty", "rounds", "timeout", "second")},
    load=load,
    body=body,
)

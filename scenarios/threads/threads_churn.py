"""Many threads on few slots for a while, and leases that end in every way: read, closed, cut off, timed out.

Each thread sends one request after another, without a pause. No wait for a slot is long enough to time out, so every
request has to be served but those whose server breaks off or stalls; and nothing may be left of any of them.
Interference between threads in the queue shows as an error that is not one of the network, or as a slot that is lost.
"""

import sys
from typing import Any

from ..declaration.scenario import Load, Request, Scenario, Variant

LIMIT = 4
THREADS = 12
TURNS = 12
SWITCH = 1e-5
"""Seconds after which another thread runs; Python's own value is 5e-3."""
WAYS = ("read", "close", "cut", "read", "stall", "close")
"""How the leases end: each thread begins in another place."""


def turn(thread: int, number: int) -> Request:
    """Return one request of a thread; a failing one fails at once or after half a unit."""
    way = WAYS[(thread + number) % len(WAYS)]
    plain = Request(
        id="thread-%02d-%02d" % (thread, number),
        hold=0.0,
        pool_timeout=60.0,
        after="thread-%02d-%02d" % (thread, number - 1) if number else None,
        door="wire",
    )
    if way == "cut":
        return plain._replace(fault="reset-head", expected="error")
    if way == "stall":
        return plain._replace(fault="stall-head", hold=0.5, expected="error", read_timeout=0.4)
    return plain._replace(ending=way)


def load(variant: Variant) -> Load:
    """A hundred and more requests; a correct pool is done after a few units."""
    return Load(
        limit=LIMIT,
        max_keepalive=LIMIT if variant["keepalive"] == "on" else 1,
        keepalive_expiry=2.0,
        deadline=70.0,
        requests=[turn(thread, number) for thread in range(THREADS) for number in range(TURNS)],
    )


async def body(driver: Any, load: Load) -> None:
    sys.setswitchinterval(SWITCH)
    await driver.play(load.requests)


SCENARIO = Scenario(
    id="threads-churn",
    requirement="Threads that share a synchronous client don't break its pool, however their requests end.",
    references=("encode/httpcore#613", "encode/httpcore#615", "encode/httpcore#621", "encode/httpcore#624"),
    variants={"keepalive": ("on", "off")},
    load=load,
    body=body,
    threads=True,
    repeats=3,
)

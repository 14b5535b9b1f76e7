"""Threads that use more origins than there are slots: idle connections are closed to make room, all the time.

A connection that was just given to one thread counts as idle until that thread begins to send. Another thread that
makes room must not close it then, or the first fails without any fault of its own. Every request has to be served.
"""

import sys
from typing import Any

from ..declaration.scenario import Load, Request, Scenario, Variant

LIMIT = 3
THREADS = 10
TURNS = 14
ORIGINS = ("wire", "wire#1", "wire#2", "wire#3")
SWITCH = 1e-5
"""Seconds after which another thread runs; Python's own value is 5e-3."""


def load(variant: Variant) -> Load:
    """No request takes any time at the server, and none can time out."""
    return Load(
        limit=LIMIT,
        max_keepalive=LIMIT if variant["keepalive"] == "on" else 1,
        keepalive_expiry=2.0,
        deadline=70.0,
        requests=[
            Request(
                id="thread-%02d-%02d" % (thread, number),
                hold=0.0,
                pool_timeout=60.0,
                after="thread-%02d-%02d" % (thread, number - 1) if number else None,
                door=ORIGINS[(thread + number // 2) % len(ORIGINS)],
            )
            for thread in range(THREADS)
            for number in range(TURNS)
        ],
    )


async def body(driver: Any, load: Load) -> None:
    sys.setswitchinterval(SWITCH)
    await driver.play(load.requests)


SCENARIO = Scenario(
    id="threads-idle",
    requirement="No idle connection is closed under a request that was just given it.",
    references=("encode/httpcore#1110",),
    variants={"keepalive": ("on", "off")},
    load=load,
    body=body,
    threads=True,
    repeats=3,
)

"""The collector finalises a forgotten response while the thread that it runs in holds the lock of the pool.

A response that nobody read to its end and nobody closed lies in a reference cycle. The collector may find it at any
allocation, in any thread; its half-read body is finalised then, which gives the slot back, for which the lock of the
pool is taken. Where that thread has the lock already, it waits for itself, and all others wait for it. Here the
collector runs at one call after the other of a request, each time with a fresh piece of garbage. With `by=body` it is
the body that gives the slot back, with `by=caller` a generator of the caller's that has the response to close. To
forget a response is the caller's fault and may cost its slot; it must not stop those who did nothing wrong.
"""

from typing import Any, List

from ..declaration.scenario import Load, Request, Scenario, Variant

CALLS = range(1, 41)
"""At which calls of the pool's functions the collector runs, a pair of requests each."""


def pair(call: int, ending: str) -> List[Request]:
    """One that is forgotten, and one during which the collector finds it."""
    forgotten = Request(id="forgotten-%03d" % call, hold=0.0, pool_timeout=9.0, ending=ending)
    return [forgotten, Request(id="request-%03d" % call, hold=0.0, pool_timeout=9.0, after=forgotten.id)]


def load(variant: Variant) -> Load:
    """There are slots for all that are forgotten, and two more."""
    ending = {"body": "cycle", "caller": "finaliser"}[variant["by"]]
    return Load(
        limit=len(CALLS) + 2,
        max_keepalive=2,
        keepalive_expiry=2.0,
        deadline=40.0,
        requests=[request for call in CALLS for request in pair(call, ending)],
    )


async def body(driver: Any, load: Load) -> None:
    for number, call in enumerate(CALLS):
        forgotten, request = load.requests[2 * number : 2 * number + 2]
        await driver.fetch(forgotten)
        await driver.fetch_collecting(request, call)


SCENARIO = Scenario(
    id="finaliser-deadlock",
    requirement="The collector may finalise a forgotten response at any moment, and no request stops for it.",
    references=("encode/httpcore#996", "encode/httpcore#1003", "encode/httpcore#1108", "pydantic/httpx2#1008"),
    variants={"by": ("body", "caller")},
    load=load,
    body=body,
    threads=True,
)

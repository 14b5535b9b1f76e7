"""The collector finalises a forgotten response while its thread holds the lock of the pool.

A response that was neither read to its end nor closed lies in a reference cycle. The collector may find it at any
allocation, in any thread; it then finalises the half-read body, which returns the slot, for which it takes the lock of
the pool. If that thread already holds the lock, it waits for itself, and all others wait for it. Here the collector
runs at one call after the other of a request, each time with a fresh piece of garbage. With `by=body` the body returns
the slot, with `by=caller` a generator of the caller that has the response to close. A forgotten response is the
caller's fault and may cost its slot; it must not stop other requests.
"""

from typing import Any, List

from ..declaration.scenario import Load, Request, Scenario, Variant

CALLS = range(1, 41)
"""The calls of the pool's functions at which the collector runs, a pair of requests each."""


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
    requirement="The collector may finalise a forgotten response at any moment without blocking any request.",
    references=("encode/httpcore#996", "encode/httpcore#1003", "encode/httpcore#1108", "pydantic/httpx2#1008"),
    variants={"by": ("body", "caller")},
    load=load,
    body=body,
    threads=True,
)

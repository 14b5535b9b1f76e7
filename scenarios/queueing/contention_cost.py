"""More and more tasks that wait for few slots: what a queue costs the client itself.

A request costs processor time; waiting among many others should not make it cost much more. A pool that inspects its
whole queue at every event does work that grows with the square of the number of tasks: correct, but with some thousand
tasks the client is busy with its own queue and everything times out. The server answers at once, so that the client is
the bottleneck, and only processor time counts.
"""

from typing import Any

from ..declaration.scenario import Load, Request, Scenario, Variant

LIMIT = 20
LADDER = [250, 500, 1000, 2000, 4000]


def load(variant: Variant) -> Load:
    """Run the bursts first, then serve one more request. The deadline allows for a busy machine."""
    return Load(
        limit=LIMIT,
        max_keepalive=LIMIT,
        keepalive_expiry=2.0,
        deadline=600.0,
        requests=[Request(id="after", hold=0.5, pool_timeout=2.0)],
        ladder=LADDER,
    )


async def body(driver: Any, load: Load) -> None:
    await driver.climb()
    for request in load.requests:
        await driver.fetch(request)


SCENARIO = Scenario(
    id="contention-cost",
    requirement="The processor time of a request does not grow with the number of other requests that wait.",
    references=("encode/httpx#3215", "encode/httpcore#1035", "pydantic/httpx2#974", "pydantic/httpx2#1169"),
    variants={},
    load=load,
    body=body,
)

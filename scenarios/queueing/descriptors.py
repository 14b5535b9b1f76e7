"""Connections that are dropped are noticed in a process with more than a thousand open files as well.

`select` can't look at descriptors from 1024 on; a pool that asks it whether an idle connection is still good fails
there, on each request. All slots are used, the server closes what is idle (`server=closes`) or leaves it open
(`server=keeps`), and as many requests as there are slots come again. This is the synchronous client, a thread for each
request: event loops have ways of their own.
"""

from typing import Any

from ..declaration.scenario import Load, Request, Scenario, Variant

LIMIT = 3


def load(variant: Variant) -> Load:
    """Connections are idle at 1, closed at 2 where they are, and asked for again at 3."""
    first = Request(id="", hold=1.0, pool_timeout=3.5, door="wire")
    fault = "close-idle" if variant["server"] == "closes" else None
    return Load(
        limit=LIMIT,
        max_keepalive=LIMIT,
        keepalive_expiry=8.0,
        deadline=8.5,
        requests=[first._replace(id="first-%d" % n, fault=fault) for n in range(LIMIT)]
        + [first._replace(id="again-%d" % n, at=3.0) for n in range(LIMIT)],
    )


async def body(driver: Any, load: Load) -> None:
    driver.crowd_descriptors()
    await driver.play(load.requests)


SCENARIO = Scenario(
    id="descriptors",
    requirement="Whether an idle connection was dropped is found out beyond 1024 open files as well.",
    references=("encode/httpcore#185",),
    variants={"server": ("closes", "keeps")},
    load=load,
    body=body,
    threads=True,
)

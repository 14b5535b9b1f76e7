"""Dropped connections are noticed in a process with more than a thousand open files as well.

`select` can't handle descriptors from 1024 on; a pool that uses it to check whether an idle connection is still good
fails there, on each request. All slots are used, the server closes the idle connections (`server=closes`) or leaves
them open (`server=keeps`), and as many requests as there are slots follow. This is the synchronous client, a thread for
each request: event loops use other calls.
"""

from typing import Any

from ..declaration.scenario import Load, Request, Scenario, Variant

LIMIT = 3


def load(variant: Variant) -> Load:
    """Connections are idle at 1, closed at 2 with `server=closes`, and requested again at 3."""
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
    requirement="A dropped idle connection is noticed with more than 1024 open files as well.",
    references=("encode/httpcore#185",),
    variants={"server": ("closes", "keeps")},
    load=load,
    body=body,
    threads=True,
)

"""Something raises while a response is there whose body is not read yet.

An event hook that doesn't like the response (`by=hook`), an authentication that gives up on it (`by=auth`), or a
redirect to where nobody can go (`by=redirect`): the caller sees the error and never gets the response, so nobody but
the client can close it. More often than there are slots, one after another; then as many requests as there are slots
are served at once.
"""

from typing import Any

from ..declaration.scenario import Load, Request, Scenario, Variant
from ..declaration.shapes import one_after_another

LIMIT = 2
TIMES = 5


def load(variant: Variant) -> Load:
    """Five that end in an error, each after half a unit, and two that come after the last of them."""
    by = variant["by"]
    fault = "redirect" if by == "redirect" else None
    one = Request(id="", hold=0.5, pool_timeout=2.5, ending=by, fault=fault, expected="error", door="wire")
    raising = one_after_another([one._replace(id="raising-%d" % n) for n in range(TIMES)])
    last = raising[-1].id
    after = [Request(id="after-%d" % n, hold=1.0, pool_timeout=2.5, at=0.5, after=last) for n in range(LIMIT)]
    return Load(limit=LIMIT, max_keepalive=LIMIT, keepalive_expiry=2.0, deadline=18.0, requests=raising + after)


async def body(driver: Any, load: Load) -> None:
    for request in load.requests[:TIMES]:
        await driver.fetch(request)
    await driver.gather(load.requests[TIMES:])


SCENARIO = Scenario(
    id="hook-raises",
    requirement="A response between whose head and body something raises is closed by the client.",
    references=("encode/httpx#1315", "encode/httpx#1171"),
    variants={"by": ("hook", "auth", "redirect")},
    load=load,
    body=body,
)

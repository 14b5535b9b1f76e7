"""An error is raised while a response exists whose body is not read yet.

An event hook that rejects the response (`by=hook`), an authentication that gives up on it (`by=auth`), or a redirect to
an invalid URL (`by=redirect`): the caller gets the error and never the response, so only the client can close it. More
often than there are slots, one after another; then as many requests as there are slots are served at once.
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
    requirement="A response is closed by the client when something raises between its head and its body.",
    references=("encode/httpx#1315", "encode/httpx#1171"),
    variants={"by": ("hook", "auth", "redirect")},
    load=load,
    body=body,
)

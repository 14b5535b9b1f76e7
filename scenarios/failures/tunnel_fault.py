"""Tunnels through an HTTP proxy that fail, one after another.

The proxy refuses the tunnel, never answers, or opens one in which TLS fails: it sends bytes that are not TLS, or the
certificate of an untrusted authority. Each request has to fail, and none of them may cost a slot, or leave a connection
behind: there are more of them than slots. Requests to the proxy without a tunnel are served throughout.
"""

import gc
from typing import Any, Dict

from ..declaration.scenario import Load, Request, Scenario, Variant
from ..declaration.shapes import failing_first

LIMIT = 2
FAILING = 4

AT_ONCE = Request(id="", hold=0.0, pool_timeout=2.5, door="tls", expected="error")
FAULTS: Dict[str, Request] = {
    "garbage": AT_ONCE,
    "refuse": AT_ONCE,
    "silent": AT_ONCE._replace(hold=9.0, read_timeout=1.0, connect_timeout=1.0),
    "untrusted": AT_ONCE._replace(door="untrusted"),
}


def load(variant: Variant) -> Load:
    """None ever waits for a slot; those that are never answered give up after one unit."""
    fault = variant["fault"]
    return Load(
        limit=LIMIT,
        max_keepalive=LIMIT,
        keepalive_expiry=2.0,
        deadline=14.5,
        requests=failing_first(FAULTS[fault], FAILING, LIMIT),
        kept=LIMIT,
        proxy="proxy" if fault == "untrusted" else "proxy-" + fault,
    )


async def body(driver: Any, load: Load) -> None:
    # A connection that is left to the garbage collector stays open until the collector happens to run.
    gc.disable()
    for request in load.requests:
        await driver.fetch(request)
    await driver.settle()


SCENARIO = Scenario(
    id="tunnel-fault",
    requirement="A tunnel that the proxy does not open, or in which TLS fails, costs its request and no slot.",
    references=(
        "encode/httpcore#223",
        "encode/httpcore#1023",
        "encode/httpcore#1049",
        "encode/httpcore#1056",
        "encode/httpcore#1071",
        "encode/httpcore#1087",
        "pydantic/httpx2#1010",
        "pydantic/httpx2#1226",
    ),
    variants={"fault": ("garbage", "refuse", "silent", "untrusted")},
    load=load,
    body=body,
)

"""SOCKS handshakes that fail, one after another.

The proxy refuses the connection, never answers, or makes one on which TLS fails. Each request has to fail, within its
timeouts, and none of them may cost a slot: there are more of them than slots. What the proxy does connect is served.
With `left=sockets` none may leave its connection open either, for the garbage collector to find.
"""

import gc
from typing import Any, Dict

from ..declaration.scenario import Load, Request, Scenario, Variant
from ..declaration.shapes import failing_first

LIMIT = 2
FAILING = 4

AT_ONCE = Request(id="", hold=0.0, pool_timeout=2.5, door="tls", expected="error")
FAULTS: Dict[str, Request] = {
    "silent": AT_ONCE._replace(hold=9.0, read_timeout=1.0, connect_timeout=1.0),
    "refuse": AT_ONCE,
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
        kept=LIMIT if variant["left"] == "sockets" else None,
        proxy="socks" if fault == "untrusted" else "socks-" + fault,
    )


async def body(driver: Any, load: Load) -> None:
    # A connection that is left to the garbage collector stays open until the collector happens to run.
    gc.disable()
    for request in load.requests:
        await driver.fetch(request)
    await driver.settle()


SCENARIO = Scenario(
    id="socks-fault",
    requirement="A SOCKS handshake that is refused or never answered ends within its timeouts, and costs no slot.",
    references=("encode/httpcore#1015", "encode/httpcore#1089"),
    variants={"fault": ("silent", "refuse", "untrusted"), "left": ("slots", "sockets")},
    load=load,
    body=body,
)

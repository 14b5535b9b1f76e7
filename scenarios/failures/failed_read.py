"""Reading a response fails, and its caller does not close the response: the slot comes back all the same.

A caller that iterates over a body gets the error of the connection; nothing of the response is left to be closed. Every
slot has such a response while other requests wait for those slots (`queue=on`) or none does. The error frees the slot,
and wakes a request that waits; later requests, all slots at once, find the pool whole. This is how a bare pool is used;
the client's own reading is the same from its transport on. `server-fault` has the callers that close.
"""

from typing import Any, Dict

from ..declaration.scenario import Load, Request, Scenario, Variant
from ..own_code.through import OwnCode, adapter_of
from ..own_code.unclosed import Unclosed

LIMIT = 2
WAITING = 3
FAULTS: Dict[str, Dict[str, Any]] = {
    "reset-body": {},
    "close-body": {},
    "bad-chunk": {},
    "stall-body": {"hold": 20.0, "read_timeout": 1.0},
}
"""How the body ends, and what differs where no more of it comes."""


def load(variant: Variant) -> Load:
    """Reading fails at 1 unit; those that wait are served by 3, the rest starts at 5."""
    fault = variant["fault"]
    failing = Request(id="", hold=1.0, pool_timeout=3.5, door="wire", fault=fault, expected="error")
    failing = failing._replace(**FAULTS[fault])
    served = Request(id="", hold=1.0, pool_timeout=4.5, door="wire")
    requests = [failing._replace(id="failing-%d" % n) for n in range(LIMIT)]
    if variant["queue"] == "on":
        requests += [served._replace(id="waiting-%d" % n, at=0.25) for n in range(WAITING)]
    return Load(
        limit=LIMIT,
        max_keepalive=LIMIT,
        keepalive_expiry=2.0,
        deadline=10.5,
        requests=requests + [served._replace(id="later-%d" % n, at=5.0) for n in range(LIMIT)],
        backend=variant["backend"],
    )


async def body(driver: Any, load: Load) -> None:
    await OwnCode(driver, Unclosed(adapter_of(driver))).play(load.requests)


SCENARIO = Scenario(
    id="failed-read",
    requirement="A response whose reading fails frees its slot and wakes a waiting request without being closed.",
    references=("encode/httpcore#437", "encode/httpx#2139"),
    variants={"backend": ("asyncio", "trio"), "fault": tuple(FAULTS), "queue": ("on", "off")},
    load=load,
    body=body,
)

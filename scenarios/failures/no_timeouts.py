"""Timeouts of None, and a peer that is silent for ever: what hangs is its own request, and its slot comes back.

Nothing bounds a request without timeouts: it keeps its slot until its caller gives up, which is correct. The peer never
answers (`silent=answer`), stops in the middle of an answer (`body`), says nothing of TLS (`tls`), never accepts
(`connect`), or is a proxy that never opens its tunnel (`tunnel`). One slot is left, which serves other requests
meanwhile, one after another; a request that needs the silent one's slot waits, without a timeout as well, until the
caller of the silent one cancels it. Then every slot is there.
"""

from typing import Any, Dict

from ..declaration.scenario import Load, Request, Scenario, Variant
from ..own_code.patient import Patient
from ..own_code.through import OwnCode, adapter_of

LIMIT = 2
FOR_EVER = 10000.0
"""Units: longer than anything else."""
CUT = 4.0
"""Units after which the caller of a silent request gives up."""
SILENT: Dict[str, Dict[str, Any]] = {
    "answer": {"door": "wire", "fault": "stall-head"},
    "body": {"door": "wire", "fault": "stall-body"},
    "tls": {"door": "silent-tls"},
    "connect": {"door": "full"},
    "tunnel": {"door": "tls"},
}


def load(variant: Variant) -> Load:
    """One is silent from 0 until it is cancelled at 4; two of the others are served at 1 and 2, two from 2.5 on."""
    silent = Request(id="silent", hold=FOR_EVER, pool_timeout=FOR_EVER, cancelled=CUT, expected="error")
    silent = silent._replace(**SILENT[variant["silent"]])
    other = Request(id="", hold=1.0, pool_timeout=FOR_EVER, door="wire")
    at = {"meanwhile-0": 0.5, "meanwhile-1": 1.75, "long": 3.0, "waiting": 3.25}
    return Load(
        limit=LIMIT,
        max_keepalive=LIMIT,
        keepalive_expiry=2.0,
        deadline=9.5,
        requests=[silent]
        + [other._replace(id=name, at=begins, hold=3.0 if name == "long" else 1.0) for name, begins in at.items()],
        backend=variant["backend"],
        proxy="proxy-silent" if variant["silent"] == "tunnel" else None,
    )


async def body(driver: Any, load: Load) -> None:
    await OwnCode(driver, Patient(adapter_of(driver))).play(load.requests)


SCENARIO = Scenario(
    id="no-timeouts",
    requirement="A request without timeouts whose peer is silent hangs alone; its slot is free once it is cancelled.",
    references=("encode/httpx#1171",),
    variants={"backend": ("asyncio", "trio"), "silent": tuple(SILENT)},
    load=load,
    body=body,
)

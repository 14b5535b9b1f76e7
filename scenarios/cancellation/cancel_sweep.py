"""One request cancelled at every moment of its life, with the slots counted after each.

A cell is one sweep, which contains its points. `style` is how the request is cancelled, `situation` what it is doing at
that moment, `backend` the event loop. A point is named by the client's own function in which the request was suspended;
the key of the verdict is the set of (style, situation, backend) in which any point leaks, never the number of a step,
as steps differ from run to run. The pool has one slot: the smallest pool that can lose one.
"""

from typing import Any, Dict

from ..declaration.scenario import Load, Scenario, Variant
from ..sweep.entry import sweep_requests

LIMIT = 1
DEADLINE, BY_ANOTHER_WAY = 600.0, 900.0
"""Units, more for the extended situations: several times the length of a sweep, as a repetition costs more than
waiting.
"""
WAYS: Dict[str, Dict[str, Any]] = {
    "tls": {"door": "wire-tls"},
    "http2": {"door": "wire-h2", "http2": True},
    "proxy": {"door": "wire", "proxy": "proxy"},
    "tunnel": {"door": "wire-tls", "proxy": "proxy"},
    "socks": {"door": "wire", "proxy": "socks"},
}
"""The extended situations: another route to the server, on which a cold pool and a contended one are swept."""


def load(variant: Variant) -> Load:
    """Declare no requests but those of the sweep; the server's releases end them."""
    way = WAYS.get(variant["situation"])
    return Load(
        limit=LIMIT,
        max_keepalive=LIMIT,
        keepalive_expiry=5.0,
        deadline=BY_ANOTHER_WAY if way else DEADLINE,
        requests=[],
        backend=variant["backend"],
        **(way or {"door": "wire"}),
    )


async def body(driver: Any, load: Load) -> None:
    """Do nothing: a sweep has its own runner."""


SCENARIO = Scenario(
    id="cancel-sweep",
    requirement="Whenever and however a request is cancelled, its slot is free again.",
    references=(
        "encode/httpcore#785",
        "encode/httpcore#830",
        "encode/httpcore#880",
        "encode/httpcore#1093",
        "encode/httpcore#1116",
        "encode/httpx#2139",
    ),
    variants={
        "style": ("all", "native", "double", "level", "wait_for", "timeout"),
        "situation": ("core", "cold", "warm", "contended", "streaming", "closing", *WAYS),
        "backend": ("asyncio", "trio"),
    },
    load=load,
    body=body,
    extras=("anyio",),
    run=sweep_requests,
)

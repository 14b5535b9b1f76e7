"""A group of more tasks than slots, cancelled at every iteration of the event loop; the slots are counted after each.

It finds what a sweep of single requests can't: a slot that one cancelled request hands to another. Two tasks are
served, three wait in the queue; the server answers one whenever no task can continue. A point is named by all the
functions in which the group's tasks were suspended. A scope cancels its tasks in an order of its own, which follows the
seed: one sweep may miss what another finds, so there are several. A group that hangs without a cancellation is not
swept.
"""

from typing import Any

from ..declaration.scenario import Load, Scenario, Variant
from ..sweep.entry import sweep_bursts

LIMIT = 2


def load(variant: Variant) -> Load:
    """Declare no requests but those of the sweep; the server's releases end them."""
    return Load(limit=LIMIT, max_keepalive=LIMIT, keepalive_expiry=5.0, deadline=900.0, requests=[], door="wire")


async def body(driver: Any, load: Load) -> None:
    """Do nothing: a sweep has its own runner."""


SCENARIO = Scenario(
    id="burst-sweep",
    requirement="Whenever a group of requests is cancelled, all slots are free again and no request is left in "
    "the queue.",
    references=("encode/httpcore#785", "encode/httpcore#830", "encode/httpcore#1093"),
    variants={"style": ("all", "native", "double", "level")},
    load=load,
    body=body,
    extras=("anyio",),
    run=sweep_bursts,
    repeats=3,
)

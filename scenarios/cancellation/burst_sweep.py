"""A group of more tasks than slots, cancelled at every turn of the event loop; after each the slots are counted.

What a sweep of single requests can't see: a slot that one dying request hands to another. Two tasks are being served,
three wait in the queue; the server answers one whenever nobody can go on. A point is named by all the functions in
which the group's tasks were suspended. A scope cancels its tasks in an order of its own, which follows the seed: one
sweep may miss what another finds, and so there are several. A group that hangs though nobody cancels it is not swept.
"""

from typing import Any

from ..declaration.scenario import Load, Scenario, Variant
from ..sweep.entry import sweep_bursts

LIMIT = 2


def load(variant: Variant) -> Load:
    """No requests but those of the sweep; they end when the server says so."""
    return Load(limit=LIMIT, max_keepalive=LIMIT, keepalive_expiry=5.0, deadline=900.0, requests=[], door="wire")


async def body(driver: Any, load: Load) -> None:
    """A sweep has its own way of running."""


SCENARIO = Scenario(
    id="burst-sweep",
    requirement="Whenever a group of requests is cancelled, all slots are free again and nobody is left in the queue.",
    references=("encode/httpcore#785", "encode/httpcore#830", "encode/httpcore#1093"),
    variants={"style": ("all", "native", "double", "level")},
    load=load,
    body=body,
    extras=("anyio",),
    run=sweep_bursts,
    repeats=3,
)

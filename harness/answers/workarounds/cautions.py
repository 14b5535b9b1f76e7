"""When not to use a remedy: by what was measured with it, then by what it is.

What a remedy costs is told by its load beside what a correct pool makes of the load without it: a load that fails is no
measure.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from ...verdict.outcome import CellResult
from ...verdict.words import After, Burst
from .load_figures import Effort

CAUTIONS = {
    "semaphore": "it has to be around every request of that client, whoever makes it; nobody who waits gets a timeout",
    "wait-for-ever": "nothing tells any more that a slot is lost",
    "more-connections": "a leak takes longer, and comes",
    "no-keepalive": "each request opens a connection of its own",
    "retry": "each try waits the whole pool timeout again, and adds to the queue that is too long",
    "shield": "whoever is cancelled returns at once while the request goes on and keeps its slot",
    "recreate": "closing the old client cuts off what still runs on it, keeping it keeps its connections open",
    "client-per-task": "nothing bounds how many requests are in flight, and no connection is used again",
    "read": "a body that is large, or never ends, is read all the same",
    "close": "a connection whose response was not read can't be used again",
    "upgrade-pool": "what else changed is told by `poolgate gate`",
    "upgrade": "what else changed is told by `poolgate gate`",
    "fork": "another package, another import name",
}
"""When not to, by what each of them is; what was measured stands before it."""

BEYOND = 1.25
"""How many times what a correct pool takes is a cost: less may be the machine."""


class Efforts(NamedTuple):
    """Of a load before and with a remedy, and what was due; None where it was measured elsewhere."""

    without: Effort | None = None
    effort: Effort | None = None
    due: Effort | None = None


NONE = Efforts()


def when_not(remedy: str, before: CellResult, after: CellResult, efforts: Efforts) -> str:
    """All in one line; `before` is the failing cell, `after` the one with the remedy."""
    return "; ".join([*costs(before, after, efforts), CAUTIONS[remedy]])


def costs(before: CellResult, after: CellResult, efforts: Efforts) -> list[str]:
    """When not to use a remedy, by what was measured with it: what is left behind, then what its load took."""
    told = []
    if after.burst is Burst.HANGS and before.burst is not Burst.HANGS:
        told.append("where somebody waits for an answer: what ended in an error hangs")
    if after.slots and after.after in {After.LEAKS, After.DEAD}:
        left = f"{after.slots.usable_final} of {after.slots.limit} slots are left"
        told.append(f"in a process that goes on: {left}")
    if after.key is None or efforts.effort is None or efforts.due is None:
        return told
    return [*told, *_beyond(efforts.effort, efforts.due)]


def _beyond(seen: Effort, due: Effort) -> Iterable[str]:
    """What a load took beyond what a correct pool takes for it without the remedy."""
    if seen.served < due.served:
        yield f"where all have to be served: {seen.served} were, by a correct pool {due.served}"
    if seen.connections > due.connections:
        told = f"{seen.connections} were opened, by a correct pool {due.connections}"
        yield f"where connections are bounded or dear: {told}"
    if seen.latency and due.latency and seen.latency > BEYOND * due.latency:
        yield f"where latency counts: {seen.latency:.0f} ms each, with a correct pool {due.latency:.0f}"
    if seen.rate and due.rate and seen.rate * BEYOND < due.rate:
        yield f"where throughput counts: {seen.rate:.0f}/s, with a correct pool {due.rate:.0f}"

"""When not to use a remedy: the costs that were measured with it, then those that it always has.

The cost of a remedy is its load compared with the load of a correct pool without it. A failing load is not a baseline.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from ...verdict.outcome import CellResult
from ...verdict.words import After, Burst
from .load_figures import LoadFigures

CAUTIONS = {
    "semaphore": "it has to wrap every request of that client; a request that waits for it never gets a timeout",
    "wait-for-ever": "a lost slot no longer causes an error",
    "more-connections": "a leak only takes longer to exhaust the pool",
    "no-keepalive": "each request opens a connection of its own",
    "retry": "each try waits the whole pool timeout again, and adds to the queue that is too long",
    "shield": "a cancelled caller returns at once while its request goes on and keeps its slot",
    "recreate": "closing the old client cuts off what still runs on it, keeping it keeps its connections open",
    "client-per-task": "nothing bounds how many requests are in flight, and no connection is used again",
    "read": "a body that is large, or never ends, is read all the same",
    "close": "a connection whose response was not read can't be used again",
    "upgrade-pool": "`poolgate gate` lists what else changes",
    "upgrade": "`poolgate gate` lists what else changes",
    "fork": "another package, another import name",
}
"""When not to use each remedy, whatever was measured with it."""

BEYOND = 1.25
"""Factor over a correct pool from which latency or throughput counts as a cost: less may be the machine."""


class ComparedLoads(NamedTuple):
    """The figures of a load without and with a remedy, and of a correct pool; None if it was measured elsewhere."""

    without: LoadFigures | None = None
    figures: LoadFigures | None = None
    due: LoadFigures | None = None


NONE = ComparedLoads()


def when_not(remedy: str, before: CellResult, after: CellResult, loads: ComparedLoads) -> str:
    """Return all cautions in one line; `before` is the failing cell, `after` the cell with the remedy."""
    return "; ".join([*costs(before, after, loads), CAUTIONS[remedy]])


def costs(before: CellResult, after: CellResult, loads: ComparedLoads) -> list[str]:
    """Return the measured cautions: what the remedy leaves behind, then what its load takes."""
    found = []
    if after.burst is Burst.HANGS and before.burst is not Burst.HANGS:
        found.append("where a caller waits for an answer: what ended in an error hangs")
    if after.slots and after.after in {After.LEAKS, After.DEAD}:
        left = f"{after.slots.usable_final} of {after.slots.limit} slots are left"
        found.append(f"in a process that goes on: {left}")
    if after.key is None or loads.figures is None or loads.due is None:
        return found
    return [*found, *_beyond(loads.figures, loads.due)]


def _beyond(seen: LoadFigures, due: LoadFigures) -> Iterable[str]:
    """Yield what a load takes beyond a correct pool without the remedy."""
    if seen.served < due.served:
        yield f"where all have to be served: {seen.served} were, by a correct pool {due.served}"
    if seen.connections > due.connections:
        opened = f"{seen.connections} were opened, by a correct pool {due.connections}"
        yield f"where connections are bounded or dear: {opened}"
    if seen.latency and due.latency and seen.latency > BEYOND * due.latency:
        yield f"where latency counts: {seen.latency:.0f} ms each, with a correct pool {due.latency:.0f}"
    if seen.rate and due.rate and seen.rate * BEYOND < due.rate:
        yield f"where throughput counts: {seen.rate:.0f}/s, with a correct pool {due.rate:.0f}"

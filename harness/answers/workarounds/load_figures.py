"""The figures of a load for its caller: throughput, latency and connections, from a stored history."""

from __future__ import annotations

from itertools import accumulate
from statistics import fmean

import msgspec

from ...cells.cell import Cell
from ...errors import PoolgateError
from ...protocol import history
from ...protocol.history import History
from ...protocol.history_store import history_path
from ...scenarios.declaration.scenario import Load
from ...verdict.case import plan_of
from ...verdict.ideal_pool import Fate, Outcome, ideal_pool
from ...verdict.observed import seen_requests


class LoadFigures(msgspec.Struct, frozen=True, kw_only=True):
    """Figures of the served requests: how many a second, average latency in ms, number of connections.

    `rate` and `latency` are None if none was served. `unit` is in seconds: times of two units are not compared.
    """

    served: int
    rate: float | None
    latency: float | None
    connections: int
    unit: float

    def __str__(self) -> str:
        if self.rate is None or self.latency is None:
            return "none served"
        figures = f"{self.served} served, {self.rate:.0f}/s, {self.latency:.0f} ms each, {self.connections} connections"
        return f"{figures}, by a unit of {self.unit * 1000:.0f} ms"


def stored_figures(cell: Cell) -> LoadFigures | None:
    """Return the figures of the run that decided a cell; None if it was measured elsewhere."""
    try:
        return figures_of(history.load(history_path(cell.name)))
    except PoolgateError:
        return None


def figures_of(seen: History) -> LoadFigures:
    """Return the figures of a history's load; the time runs from its start to the end of the last served request."""
    unit = plan_of(seen).unit
    served = [request for request in seen_requests(seen, "burst", unit).values() if request.outcome == "ok"]
    clients = {str(record.data.get("client")) for record in seen.of("arrived", phase="burst")}
    took = [request.ended - request.started for request in served if request.ended is not None]
    last = max((request.ended or 0.0 for request in served), default=0.0)
    return _figures(took, last, unit, len(clients))


def ideal_figures(load: Load, unit: float) -> LoadFigures:
    """Return the figures of a load on a correct pool and a machine that takes no time; `unit` in seconds."""
    fates = ideal_pool(load)
    served = [fate for fate in fates.values() if fate.outcome is Outcome.OK]
    took = [fate.ended - fate.queued for fate in served]
    return _figures(took, max((fate.ended for fate in served), default=0.0), unit, _needed(load, fates))


def _needed(load: Load, fates: dict[str, Fate]) -> int:
    """Return the most connections that a correct pool opens: those in use at once, and one for each that is lost."""
    if load.http2:
        return load.limit
    leases = [fate for fate in fates.values() if fate.served is not None]
    moments = [*((fate.served or 0.0, 1) for fate in leases), *((fate.ended, -1) for fate in leases)]
    kept = {request.id for request in load.requests if request.ending == "read"}
    lost = sum(fate.outcome is not Outcome.OK or fate.request not in kept for fate in leases)
    # At the same moment, a request that ends makes room for one that begins.
    return max(accumulate((step for _, step in sorted(moments)), initial=0)) + lost


def _figures(took: list[float], last: float, unit: float, connections: int) -> LoadFigures:
    """Return the figures in seconds; `took` has the units of each served request, `last` the end of the last one."""
    return LoadFigures(
        served=len(took),
        rate=round(len(took) / (last * unit), 1) if last else None,
        latency=round(fmean(took) * unit * 1000, 1) if took else None,
        connections=connections,
        unit=unit,
    )

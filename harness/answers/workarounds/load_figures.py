"""What a load came to for its caller: throughput, latency and connections, from a stored history."""

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


class Effort(msgspec.Struct, frozen=True, kw_only=True):
    """Of the requests that were served: how many a second, how many ms each took on average, over how many connections.

    `rate` and `latency` are None where none was served. `unit` in seconds: times of two units are not compared.
    """

    served: int
    rate: float | None
    latency: float | None
    connections: int
    unit: float

    def __str__(self) -> str:
        if self.rate is None or self.latency is None:
            return "none served"
        told = f"{self.served} served, {self.rate:.0f}/s, {self.latency:.0f} ms each, {self.connections} connections"
        return f"{told}, by a unit of {self.unit * 1000:.0f} ms"


def stored_effort(cell: Cell) -> Effort | None:
    """That of the run that decided a cell; None where it was measured elsewhere."""
    try:
        return effort_of(history.load(history_path(cell.name)))
    except PoolgateError:
        return None


def effort_of(told: History) -> Effort:
    """The effort of a history's load; the time runs from the load's start to the end of the last that was served."""
    unit = plan_of(told).unit
    served = [seen for seen in seen_requests(told, "burst", unit).values() if seen.outcome == "ok"]
    clients = {str(record.data.get("client")) for record in told.of("arrived", phase="burst")}
    took = [seen.ended - seen.started for seen in served if seen.ended is not None]
    last = max((seen.ended or 0.0 for seen in served), default=0.0)
    return _effort(took, last, unit, len(clients))


def ideal_effort(load: Load, unit: float) -> Effort:
    """What a correct pool makes of a load, on a machine that takes no time; `unit` in seconds."""
    fates = ideal_pool(load)
    served = [fate for fate in fates.values() if fate.outcome is Outcome.OK]
    took = [fate.ended - fate.queued for fate in served]
    return _effort(took, max((fate.ended for fate in served), default=0.0), unit, _needed(load, fates))


def _needed(load: Load, fates: dict[str, Fate]) -> int:
    """Connections that a correct pool opens at most: as many as it uses at once, and one for each that it loses."""
    if load.http2:
        return load.limit
    leases = [fate for fate in fates.values() if fate.served is not None]
    moments = [*((fate.served or 0.0, 1) for fate in leases), *((fate.ended, -1) for fate in leases)]
    kept = {request.id for request in load.requests if request.ending == "read"}
    lost = sum(fate.outcome is not Outcome.OK or fate.request not in kept for fate in leases)
    # Who ends in a moment leaves room for who begins in it.
    return max(accumulate((step for _, step in sorted(moments)), initial=0)) + lost


def _effort(took: list[float], last: float, unit: float, connections: int) -> Effort:
    """`took` has the units that each served request took, `last` the end of the last of them."""
    return Effort(
        served=len(took),
        rate=round(len(took) / (last * unit), 1) if last else None,
        latency=round(fmean(took) * unit * 1000, 1) if took else None,
        connections=connections,
        unit=unit,
    )

"""What a load came to for its caller: throughput, latency and connections, from a stored history."""

from __future__ import annotations

from statistics import fmean

import msgspec

from . import history
from .cells import Cell
from .errors import PoolgateError
from .history import History
from .judging import plan_of
from .measuring import history_path
from .observed import seen_requests


class Effort(msgspec.Struct, frozen=True, kw_only=True):
    """Of the requests that were served: how many a second, how many ms each took on average, over how many connections.

    `rate` and `latency` are None where none was served.
    """

    served: int
    rate: float | None
    latency: float | None
    connections: int

    def __str__(self) -> str:
        if self.rate is None or self.latency is None:
            return "none served"
        return f"{self.served} served, {self.rate:.0f}/s, {self.latency:.0f} ms each, {self.connections} connections"


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
    return Effort(
        served=len(served),
        rate=round(len(served) / (last * unit), 1) if last else None,
        latency=round(fmean(took) * unit * 1000, 1) if took else None,
        connections=len(clients),
    )

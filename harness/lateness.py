"""Whether a history can be trusted: was anybody late, and who.

A worker's event loop that was late while its processor time ran along is the client that blocks its own loop: a
finding. Late with the processor idle, or a server that was late, is the machine: nothing can be judged then.
"""

from __future__ import annotations

from dataclasses import dataclass

from .history import History, Record
from .observed import NANO

TOLERANCE = 0.5
"""Units by which anything may be late: scenarios keep every deadline this far from every event."""
BUSY = 0.8
"""The share of a gap that the worker's processor time must fill for the client to be blamed."""


@dataclass(frozen=True, slots=True)
class Lateness:
    """The worst lateness in units: of the machine, and of the client that blocked its own loop."""

    machine: float
    client: float

    @property
    def reason(self) -> str | None:
        """Why the history can't be judged, or None."""
        if self.machine <= TOLERANCE:
            return None
        return f"the machine was late by {self.machine:.1f} units, {TOLERANCE} are allowed; run with less beside it"


def lateness_of(history: History, unit: float) -> Lateness:
    """The lateness of a history; `unit` in seconds."""
    machine, client = [0.0], [0.0]
    for record in history.of("stalled"):
        blamed = client if record.source == "worker" and _busy(record) else machine
        blamed.append(float(record.data["late"]) / unit)
    machine.extend(_overlong_holds(history, unit))
    return Lateness(machine=max(machine), client=max(client))


def _busy(record: Record) -> bool:
    return float(record.data["cpu"]) >= BUSY * float(record.data["gap"])


def _overlong_holds(history: History, unit: float) -> list[float]:
    """Units by which the server held a request longer than it was asked to."""
    arrived = {record.request: record for record in history.of("arrived")}
    return [
        ((departed.t - came.t) / NANO - float(came.data["asked"])) / unit
        for departed in history.of("departed")
        if (came := arrived.get(departed.request)) is not None
        and came.data.get("asked") is not None
        and departed.data.get("how") == "sent"
    ]

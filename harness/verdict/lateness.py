"""Whether a history can be trusted: was anybody late, and who.

A worker's event loop that was late while its processor time ran along is the client that blocks its own loop: a
finding. Late with the processor idle, or a server that was late, is the machine: nothing can be judged then.
"""

from __future__ import annotations

from dataclasses import dataclass

from ..protocol.history import History, Record
from ..scenarios.declaration.scenario import Load, Request
from .observed import NANO, Seen

TOLERANCE = 0.5
"""Units by which anything may be late: scenarios keep every deadline this far from every event."""
PROMPT = 1.0
"""Units within which a free slot is used: more than tolerance, and over before idle connections expire and heal it."""
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
        return f"the machine was late by {self.machine:.2f} units, {TOLERANCE} are allowed; run with less beside it"


def lateness_of(history: History, unit: float) -> Lateness:
    """The lateness of a history; `unit` in seconds."""
    machine, client = [0.0], [0.0]
    for record in history.of("stalled"):
        blamed = client if record.source == "worker" and _busy(record) else machine
        # What came due at the start of a gap was late by all of it, the beat only by a part.
        blamed.append(float(record.data.get("gap", record.data["late"])) / unit)
    machine.extend(_overlong_holds(history, unit))
    return Lateness(machine=max(machine), client=max(client))


def at_pace(load: Load, seen: dict[str, Seen]) -> Load:
    """The load with the starts and leases that its requests really had.

    Lateness within tolerance adds up where requests wait for each other; a verdict that is another at this pace is not
    to be trusted. What goes beyond tolerance, such as a free slot that nobody was given, is the pool's and stays out.
    """
    freed = [own.departed for own in seen.values() if own.departed is not None]
    paced = (_at_pace(request, seen, freed) for request in load.requests)
    return load._replace(requests=list(paced))


def _at_pace(request: Request, seen: dict[str, Seen], freed: list[float]) -> Request:
    if (own := seen.get(request.id)) is None or request.cancelled is not None:
        return request
    before = seen.get(request.after) if request.after is not None else None
    since = 0.0 if before is None else before.ended
    at = request.at if since is None else max(0.0, own.started - since)
    expected = "error" if request.ends_in_error else "ok"
    return request._replace(at=at, hold=_lease(request, own, freed), expected=expected, read_timeout=None)


def _lease(request: Request, own: Seen, freed: list[float]) -> float:
    """Units from the moment in which it could have had its slot to its end; as planned where it never had one."""
    if own.arrived is None or own.ended is None:
        return request.lease
    could = max([own.started, *(moment for moment in freed if moment <= own.arrived)])
    return max(0.0, own.ended - (could if own.arrived - could <= TOLERANCE else own.arrived))


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

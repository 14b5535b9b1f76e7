"""Finds delays in a history, and their cause: the machine or the client.

An event loop that is late while the worker uses the processor is blocked by its own client: a finding. With an idle
processor, or on the server, the machine is late: such a run can't be judged.
"""

from __future__ import annotations

from dataclasses import dataclass

from ..protocol.history import History, Record
from ..scenarios.declaration.scenario import Load, Request
from .observed import NANO, Seen

TOLERANCE = 0.5
"""Units by which an event may be late: scenarios keep every deadline this far from every event."""
PROMPT = 1.0
"""Units within which a free slot is used: more than the tolerance, and less than idle connections need to expire."""
BUSY = 0.8
"""The share of a gap that the worker's processor time must fill for the client to be its cause."""


@dataclass(frozen=True, slots=True)
class Lateness:
    """The worst lateness in units: of the machine, and of the client that blocked its own loop."""

    machine: float
    client: float

    @property
    def reason(self) -> str | None:
        """Return why the history can't be judged, or None."""
        if self.machine <= TOLERANCE:
            return None
        return f"the machine was late by {self.machine:.2f} units, {TOLERANCE} are allowed; run fewer cells in parallel"


def lateness_of(history: History, unit: float) -> Lateness:
    """Return the lateness of a history; `unit` in seconds."""
    machine, client = [0.0], [0.0]
    for record in history.of("stalled"):
        cause = client if record.source == "worker" and _busy(record) else machine
        # An event that is due at the start of a gap is late by all of it, the heartbeat only by a part.
        cause.append(float(record.data.get("gap", record.data["late"])) / unit)
    machine.extend(_overlong_holds(history, unit))
    return Lateness(machine=max(machine), client=max(client))


def at_pace(load: Load, seen: dict[str, Seen]) -> Load:
    """Return the load with the observed starts and leases of its requests.

    Lateness within tolerance adds up where requests wait for each other; a verdict that differs at this timing is not
    reliable. Delays beyond tolerance, such as a free slot that stays unused, are caused by the pool and left out.
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
    """Return the units from the moment a slot was available to the end; the planned lease where there was no slot."""
    if own.arrived is None or own.ended is None:
        return request.lease
    could = max([own.started, *(moment for moment in freed if moment <= own.arrived)])
    return max(0.0, own.ended - (could if own.arrived - could <= TOLERANCE else own.arrived))


def _busy(record: Record) -> bool:
    return float(record.data["cpu"]) >= BUSY * float(record.data["gap"])


def _overlong_holds(history: History, unit: float) -> list[float]:
    """Return the units by which the server held requests longer than they asked."""
    arrived = {record.request: record for record in history.of("arrived")}
    return [
        ((departed.t - came.t) / NANO - float(came.data["asked"])) / unit
        for departed in history.of("departed")
        if (came := arrived.get(departed.request)) is not None
        and came.data.get("asked") is not None
        and departed.data.get("how") == "sent"
    ]

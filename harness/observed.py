"""What a history says about each request: the observed counterpart of the ideal pool's fates."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from .history import History, Record

NANO = 1e9


@dataclass(frozen=True, slots=True)
class Seen:
    """One request as its worker told it. Times in units after the start of its phase; None where it never was.

    `outcome` is the worker's word, or "hangs" for a request that had not ended by the phase's deadline.
    """

    request: str
    outcome: str
    started: float
    ended: float | None
    arrived: float | None
    data: dict[str, Any]


def seen_requests(history: History, phase: str, unit: float) -> dict[str, Seen]:
    """Every request of a phase by its id, in the order of their starts; `unit` in seconds."""
    start = history.first("phase-start", phase)
    if start is None:
        return {}
    deadline = history.first("deadline", phase)
    ended = _by_request(history.of("ended", phase=phase))
    arrived = _by_request(history.of("arrived", phase=phase))

    def units(record: Record | None) -> float | None:
        return None if record is None else (record.t - start.t) / NANO / unit

    def see(record: Record) -> Seen:
        assert record.request is not None
        end = ended.get(record.request)
        in_time = end is not None and (deadline is None or (end.t, end.seq) < (deadline.t, deadline.seq))
        return Seen(
            request=record.request,
            outcome=str(end.data.get("outcome")) if end is not None and in_time else "hangs",
            started=units(record) or 0.0,
            ended=units(end) if in_time else None,
            arrived=units(arrived.get(record.request)),
            data=end.data if end is not None and in_time else {},
        )

    return {seen.request: seen for seen in map(see, history.of("started", source="worker", phase=phase))}


def most_in_flight(history: History, phase: str) -> int:
    """The most requests of a phase that the server had in flight together."""
    return max((int(record.data.get("in_flight", 0)) for record in history.of("arrived", phase=phase)), default=0)


def longest_idle(history: History, phase: str, limit: int, unit: float) -> float:
    """The longest time in units for which a slot was free at the server while a request waited for one."""
    told = history.of("started", "arrived", "departed", "ended", phase=phase)
    waiting: set[str | None] = set()
    busy, since, longest = 0, None, 0
    for record in told:
        if since is not None:
            longest = max(longest, record.t - since)
        if record.kind == "started":
            waiting.add(record.request)
        else:
            waiting.discard(record.request)
        busy += {"arrived": 1, "departed": -1}.get(record.kind, 0)
        idle = bool(waiting) and busy < limit
        since = (record.t if since is None else since) if idle else None
    return longest / NANO / unit


def slots_counted(history: History, phase: str) -> int | None:
    """How many requests met at the server's barrier; 0 where none came, None where nobody counted."""
    if history.first("phase-end", phase) is None:
        return None
    opened = history.first("opened", phase)
    return 0 if opened is None else int(opened.data["together"])


def _by_request(records: list[Record]) -> dict[str, Record]:
    return {record.request: record for record in records if record.request is not None}

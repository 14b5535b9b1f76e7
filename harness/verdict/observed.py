"""Reads from a history what happened to each request: the observed counterpart of the ideal pool's fates."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from math import ceil, inf
from typing import Any

from ..protocol.history import History, Record
from ..scenarios.declaration.scenario import streams

NANO = 1e9
HANGS = "hangs"
PHASES = {"burst", "first", "final"}
"""The phases of a worker: the load, and the two counts after it."""


@dataclass(frozen=True, slots=True)
class Seen:
    """One request as its worker recorded it. Times in units after the start of its phase; None where it never happened.

    `outcome` is the one that the worker recorded, or "hangs" for a request that had not ended by the phase's deadline.
    """

    request: str
    outcome: str
    started: float
    ended: float | None
    arrived: float | None
    departed: float | None
    data: dict[str, Any]


def seen_requests(history: History, phase: str, unit: float) -> dict[str, Seen]:
    """Return every request of a phase by its id, in the order of their starts; `unit` in seconds."""
    start = history.first("phase-start", phase)
    if start is None:
        return {}
    deadline = history.first("deadline", phase)
    ended = _by_request(history.of("ended", phase=phase))
    arrived = _by_request(history.of("arrived", phase=phase))
    departed = _by_request(history.of("departed", phase=phase))

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
            departed=units(departed.get(record.request)),
            data=end.data if end is not None and in_time else {},
        )

    return {seen.request: seen for seen in map(see, history.of("started", phase=phase))}


def contradictions(history: History, planned: Collection[str]) -> Iterator[str]:
    """Yield contradictions between the records and the planned requests: such a run is not judged."""
    outcomes: defaultdict[str | None, list[str]] = defaultdict(list)
    for record in history.of("started", "ended", phase="burst"):
        outcomes[record.request].append(str(record.data.get("outcome", record.kind)))
    served = [record for record in history.of("ended", phase="burst") if record.data["outcome"] == "ok"]
    arrived = {record.request: record.t for record in reversed(history.of("arrived", phase="burst"))}
    if outcomes.keys() - set(planned):
        yield "the worker recorded requests that are not in the plan"
    if any(kinds[0] != "started" or len(kinds) > 2 or "started" in kinds[1:] for kinds in outcomes.values()):
        yield "the worker recorded a request that started or ended twice, or ended before it started"
    if any(record.t < arrived.get(record.request, inf) for record in served):
        yield "the worker recorded a served request that had not reached the server"
    cut = history.first("deadline", "burst") or any("cancelled" in kinds for kinds in outcomes.values())
    ended = {request for request, kinds in outcomes.items() if len(kinds) > 1}
    counted = {record.data["phase"] for record in history.of("phase-end")}
    if history.first("done") and not (counted >= PHASES and (cut or ended >= set(planned))):
        yield "the worker recorded that it is done, but not all of its plan was run"


def most_in_flight(
    history: History, phase: str, unit: float, grace: float, shared: Mapping[str, str] | None = None
) -> int:
    """Return the most requests of a phase that were in flight together at the server.

    The server may notice a disconnection late: that request is not counted in the last `grace` units.
    Requests that share a connection, by their listener in `shared`, count as the connections that they need.
    """
    moves = [
        (
            record.t - (grace * unit * NANO if record.data.get("how") == "disconnected" else 0),
            step,
            (shared or {}).get(record.request or "", f"only {record.request}"),
        )
        for kind, step in (("arrived", 1), ("departed", -1))
        for record in history.of(kind, phase=phase)
    ]
    most, held = 0, Counter[str]()
    for _, step, name in sorted(moves):
        held[name] += step
        most = max(most, sum(ceil(count / streams(door)) for door, count in held.items()))
    return most


def connections_opened(history: History, phase: str) -> int:
    """Return how many connections of the client carried the requests of a phase to the server."""
    return len({record.data.get("client") for record in history.of("arrived", phase=phase)})


def sockets_open(history: History, phase: str) -> int | None:
    """Return how many sockets to its server the worker had at the end of a phase; None where they were not counted."""
    counted = history.first("sockets", phase)
    return None if counted is None else sum(counted.data["states"].values())


def failed_to_close(history: History, phase: str) -> str | None:
    """Return the class of the error that closing the client raised within a phase; "hangs" where it did not return.

    An error that only the event loop reported while the client ended counts as well.
    """
    begun, done = (len(history.of(*kinds, phase=phase)) for kinds in (("closing",), ("closed", "close-failed")))
    if begun > done:
        return HANGS
    failed = history.first("close-failed", phase) or history.first("complained", phase)
    return None if failed is None else str(failed.data["error"])


def longest_idle(history: History, phase: str, limit: int, unit: float) -> float:
    """Return the longest time in units for which a slot was free at the server while a request waited for one."""
    records = history.of("started", "arrived", "departed", "ended", "deadline", "phase-end", phase=phase)
    waiting: set[str | None] = set()
    busy, since, longest = 0, None, 0
    for record in records:
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


def slots_counted(history: History, phase: str) -> int:
    """Return how many requests met at the server's barrier; 0 where none arrived or the count did not end."""
    opened = history.first("opened", phase)
    return 0 if opened is None or history.first("phase-end", phase) is None else int(opened.data["together"])


def arrived_within(history: History, phase: str, bound: float, unit: float) -> int:
    """Return how many requests of a phase reached the server within `bound` units of its start."""
    if (start := history.first("phase-start", phase)) is None:
        return 0
    return sum(record.t - start.t <= bound * unit * NANO for record in history.of("arrived", phase=phase))


def _by_request(records: list[Record]) -> dict[str, Record]:
    return {record.request: record for record in records if record.request is not None}

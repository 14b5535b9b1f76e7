"""Writes histories by hand: what worker, server and harness would have recorded of a run, for any load.

All times are in units; a run without changes is that of a correct pool.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import msgspec

from poolgate.protocol.history import History, Record, Source, merge
from poolgate.protocol.plan import Address, Plan
from poolgate.scenarios.declaration.scenario import Load, Request, load_to_plain
from poolgate.verdict.ideal_pool import ideal_pool

UNIT = 0.1
START = 50.0
"""Units on the clock at which the load starts."""
SETTLE, BOUND, COUNT = 0.5, 4.0, 5.5
"""Units: before each count, of the barrier, and of a whole count that waits in vain."""


class Deed(NamedTuple):
    """The end of one request; `ended` is None for one that hangs, `arrived` None for one that was not sent.

    `client` is the connection by which it came to the server.
    """

    outcome: str
    started: float
    arrived: float | None = None
    ended: float | None = None
    data: Mapping[str, Any] = {}
    client: str | None = None


class Event(NamedTuple):
    """A record before it is numbered; `at` in units after the start of the load."""

    at: float
    source: Source
    kind: str
    request: str | None = None
    data: Mapping[str, Any] = {}


def load_of(limit: int, *requests: Request, deadline: float = 9.5) -> Load:
    return Load(limit=limit, max_keepalive=limit, keepalive_expiry=2.0, deadline=deadline, requests=list(requests))


def plan_for(load: Load) -> Plan:
    return Plan(
        cell="cell-0",
        scenario="by-hand",
        variant={},
        client="httpx",
        server=Address("127.0.0.1", 1),
        unit=UNIT,
        startup=60.0,
        lifetime=5.0,
        seed=0,
        load=load_to_plain(load),
    )


def deeds_of(load: Load) -> dict[str, Deed]:
    """Return what a correct pool does."""
    return {
        name: Deed(fate.outcome.value, fate.queued, fate.served, fate.ended, _raised(fate.outcome.value))
        for name, fate in ideal_pool(load).items()
    }


def _raised(outcome: str) -> dict[str, Any]:
    return {"pool-timeout": {"error": "PoolTimeout"}, "error": {"error": "ReadError"}}.get(outcome, {})


def history_of(events: Sequence[Event]) -> History:
    """Return the records, numbered by source in the order of their times."""
    seqs = {"harness": 0, "server": 0, "worker": 0}
    records = []
    for event in sorted(events, key=lambda event: event.at):
        at, source, kind, request, data = event
        t = round((START + at) * UNIT * 1e9)
        records.append(Record(seq=seqs[source], t=t, source=source, kind=kind, request=request, data=dict(data)))
        seqs[source] += 1
    return merge(records)


def run(
    load: Load,
    changes: Mapping[str, Deed] | None = None,
    *,
    first: Sequence[float] | None = None,
    final: Sequence[float] | None = None,
    open: int | None = 0,
) -> list[Event]:
    """A whole run; `first` and `final` are the units after the start of a count at which its requests arrive.

    `open` sockets were seen from outside after the load; None where they could not be counted.
    """
    deeds = {**deeds_of(load), **(changes or {})}
    recorded = [Event(-20, "harness", "plan", None, msgspec.to_builtins(plan_for(load))), Event(-1, "worker", "ready")]
    recorded += burst(load, deeds)
    if open is not None:
        recorded += [sockets(recorded[-1].at, open)]
    for phase, arrivals in (("first", first), ("final", final)):
        start = recorded[-1].at + SETTLE + (load.keepalive_expiry if phase == "final" else 0.0)
        recorded += count(phase, start, load.capacity, [0.05] * load.capacity if arrivals is None else arrivals)
    recorded += [Event(recorded[-1].at + 0.1, "worker", "done")]
    return [*recorded, exited(recorded[-1].at + 0.1)]


def sockets(at: float, count: int) -> Event:
    states = {"phase": "burst", "states": {"ESTABLISHED": count}}
    return Event(at, "harness", "sockets", None, states)


def exited(at: float, how: str = "exited", code: int = 0, output: str = "") -> Event:
    return Event(at, "harness", "exited", None, {"how": how, "code": code, "output": output})


def burst(load: Load, deeds: Mapping[str, Deed]) -> list[Event]:
    """The load; where something hangs it goes on to its deadline and is cancelled then."""
    hanging = [name for name, deed in deeds.items() if deed.ended is None]
    phase = {"phase": "burst"}
    recorded = [Event(0.0, "worker", "phase-start", None, phase)]
    recorded += [event for request in load.requests for event in _request(request, deeds[request.id], load.deadline)]
    recorded.sort(key=lambda event: event.at)
    if hanging:
        recorded += [Event(load.deadline, "worker", "deadline", None, phase)]
        recorded += [
            Event(load.deadline + 0.1, "worker", "ended", name, {**phase, "outcome": "cancelled"}) for name in hanging
        ]
    return [*recorded, Event(max(event.at for event in recorded) + 0.1, "worker", "phase-end", None, phase)]


def _request(request: Request, deed: Deed, deadline: float) -> list[Event]:
    outcome, started, arrived, ended, data, client = deed
    phase = {"phase": "burst"}
    recorded = [Event(started, "worker", "started", request.id, phase)]
    if arrived is not None:
        asked, how = request.hold * UNIT, "disconnected" if ended is None or outcome == "error" else "sent"
        departed = deadline + 0.1 if ended is None else ended
        recorded += [Event(arrived, "server", "arrived", request.id, {**phase, "asked": asked, "client": client})]
        recorded += [Event(departed, "server", "departed", request.id, {**phase, "how": how})]
    if ended is not None:
        recorded += [Event(ended, "worker", "ended", request.id, {**phase, "outcome": outcome, **data})]
    return recorded


def count(name: str, start: float, limit: int, arrivals: Sequence[float]) -> list[Event]:
    """A count of slots; the barrier opens when all have come or at its bound after the first."""
    phase = {"phase": name}
    whole = len(arrivals) == limit and arrivals[-1] - arrivals[0] < BOUND
    recorded = [Event(start, "worker", "phase-start", None, phase)]
    recorded += [
        Event(start + after, "server", "arrived", f"{name}-{n:02}", {**phase, "asked": None})
        for n, after in enumerate(arrivals)
    ]
    opened = arrivals[-1] if whole else arrivals[0] + BOUND if arrivals else None
    if opened is not None:
        together = sum(after < opened for after in arrivals) if not whole else limit
        recorded += [Event(start + opened, "server", "opened", None, {**phase, "together": together})]
    return [*recorded, Event(start + (arrivals[-1] + 0.1 if whole else COUNT), "worker", "phase-end", None, phase)]


def until(events: Sequence[Event], at: float, end: Event | None) -> list[Event]:
    """Return the run of a worker that records nothing after `at`, with the harness's record of its end, if any."""
    return [event for event in events if event.at <= at] + ([end] if end else [])

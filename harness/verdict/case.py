"""A history prepared for judging: its plan, the ideal fates and the observed requests."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import msgspec

from ..protocol.history import History, HistoryError, check
from ..protocol.plan import Plan
from ..scenarios.declaration.scenario import Load
from .contention import Contention, contention_of
from .ideal_pool import Fate, ideal_pool
from .lateness import TOLERANCE, Lateness, at_pace, lateness_of
from .observed import (
    Seen,
    connections_opened,
    contradictions,
    failed_to_close,
    most_in_flight,
    seen_requests,
    sockets_open,
)


@dataclass(frozen=True, slots=True)
class Evidence:
    """The evidence that the burst is judged by.

    `most` is the largest number of requests in flight together; `deadline` in units after the start; `surplus` counts
    connections that were opened beyond what a correct pool needs, and `kept` those that stayed open beyond its limit;
    `closing` is the class of the error that closing the client raised during the load, or "hangs". `pool_timeouts` are
    those of the requests, in units.
    """

    ideal: dict[str, Fate]
    seen: dict[str, Seen]
    limit: int
    most: int
    deadline: float
    surplus: int = 0
    kept: int = 0
    closing: str | None = None
    contention: Contention | None = None
    pool_timeouts: Mapping[str, float] = field(default_factory=dict)


class Case(msgspec.Struct, frozen=True):
    """A history prepared for judging: its plan, the ideal fates, the observed requests and the lateness.

    `paced` holds the ideal fates at the observed timing; `surplus`, `kept` and `closing` are those of `Evidence`.
    """

    plan: Plan
    limit: int
    usable: int
    deadline: float
    ideal: dict[str, Fate]
    paced: dict[str, Fate]
    seen: dict[str, Seen]
    most: int
    surplus: int
    kept: int
    closing: str | None
    lateness: Lateness
    contention: Contention | None

    @property
    def evidence(self) -> Evidence:
        load = self.plan.typed_load()
        return Evidence(
            ideal=self.ideal,
            seen=self.seen,
            limit=_allowed(load),
            most=self.most,
            deadline=self.deadline,
            surplus=self.surplus,
            kept=self.kept,
            closing=self.closing,
            contention=self.contention,
            pool_timeouts={request.id: request.pool_timeout for request in load.requests},
        )


def plan_of(history: History) -> Plan:
    """Return the plan of a history; raises msgspec.ValidationError where it has none."""
    record = history.first("plan")
    return msgspec.convert(record.data if record else None, Plan)


def lay_out(history: History) -> Case:
    """Compute the ideal fates and the observed requests; raises HistoryError for an impossible history."""
    check(history)
    plan, load, ideal = _planned(history)
    for problem in contradictions(history, ideal.keys()):
        raise HistoryError(problem)
    seen = seen_requests(history, "burst", plan.unit)
    return Case(
        plan=plan,
        limit=load.limit,
        usable=load.usable,
        deadline=load.deadline,
        ideal=ideal,
        paced=ideal_pool(at_pace(load, seen)),
        seen=seen,
        most=most_in_flight(history, "burst", plan.unit, TOLERANCE, _shared(load)),
        surplus=_beyond(load.connections, connections_opened(history, "burst")),
        kept=_beyond(load.kept, sockets_open(history, "burst")),
        closing=failed_to_close(history, "burst"),
        lateness=lateness_of(_paced(history) if load.ladder else history, plan.unit),
        contention=contention_of(history),
    )


def _allowed(load: Load) -> int:
    """Return how many requests may be in flight together.

    Where a full pool is replaced, its requests go on while the new pool serves others.
    """
    return max(load.limit, len(load.requests)) if load.remedy == "recreate" else load.limit


def _beyond(allowed: int | None, seen: int | None) -> int:
    return 0 if allowed is None or seen is None else max(0, seen - allowed)


def _paced(history: History) -> History:
    """Return a history without the stalls during its load: a ladder of bursts is about processor time alone."""
    burst = history.first("phase-end", "burst")
    kept = [record for record in history.records if record.kind != "stalled" or (burst and record.t > burst.t)]
    return History(tuple(kept))


def _shared(load: Load) -> dict[str, str]:
    """Return the listener of each request that shares a connection with others."""
    return {request.id: request.door for request in load.requests if load.shares(request.door)}


def _planned(history: History) -> tuple[Plan, Load, dict[str, Fate]]:
    try:
        plan = plan_of(history)
        return plan, plan.typed_load(), ideal_pool(plan.typed_load())
    except (msgspec.ValidationError, TypeError, KeyError, ValueError) as error:
        raise HistoryError(f"the history has no plan that can be judged: {error}") from None

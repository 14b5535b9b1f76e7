"""Pure checkers: the difference between what was observed and what the ideal pool does, on the two axes.

Nothing is measured here; a stored history can be judged again when a rule improves.
"""

from __future__ import annotations

import builtins
from collections.abc import Callable

from .case import Evidence
from .contention import Crowds
from .ideal_pool import Outcome
from .lateness import TOLERANCE
from .observed import HANGS, Seen
from .words import After, Burst

_TOLD_RAW = (OSError, EOFError)
"""Python's own errors that name a trouble of the network, where a release hands them on as they are."""


def judge_burst(evidence: Evidence) -> tuple[Burst, str | None]:
    """What happened under load, and the class of the exception that decided, or None."""
    if _hanging(evidence) or _never_started(evidence) or evidence.closing == HANGS:
        return Burst.HANGS, None
    if evidence.most > evidence.limit:
        return Burst.OVER_LIMIT, None
    if evidence.closing is not None:
        return Burst.ERROR, evidence.closing
    for burst, find in _CHECKS:
        if found := find(evidence):
            return burst, _error_of(found)
    if evidence.surplus > 0:
        return Burst.CHURNS, None
    if evidence.kept > 0:
        return Burst.OVER_KEPT, None
    if evidence.crowds is not None and (found_in := _of_crowds(evidence.crowds)):
        return found_in
    due = [fate for fate in evidence.ideal.values() if fate.outcome is Outcome.POOL_TIMEOUT and not fate.raced]
    return (Burst.BACK_PRESSURE, "PoolTimeout") if due else (Burst.COMPLETES, None)


def judge_after(limit: int, first: int, final: int) -> After:
    """What is left, by the slots counted half a unit after the load and once idle connections have expired.

    `limit` is what a correct pool has then: slots that callers keep are not missing.
    """
    if final <= 0:
        return After.DEAD
    if final < limit:
        return After.LEAKS
    return After.SERVES if first >= limit else After.LATE


def failing(evidence: Evidence) -> list[Seen]:
    """Every request that did not meet the fate that the ideal pool gives it."""
    found = [seen for _, find in _CHECKS for seen in find(evidence)]
    return sorted(found, key=lambda seen: (seen.started, seen.request))


def mistimed(evidence: Evidence) -> list[Seen]:
    """Every request that was served as it should be, but more than half a unit sooner or later after its own start."""
    served = [seen for seen in _judged(evidence) if seen.outcome == "ok"]
    due = [seen for seen in served if evidence.ideal[seen.request].outcome is Outcome.OK]
    return [seen for seen in due if abs(wait_error(evidence, seen)) > TOLERANCE]


def served_out_of_order(evidence: Evidence) -> bool:
    """Whether a request reached the server before one that a fair queue would have served earlier."""
    arrivals = sorted((seen.arrived, seen.request) for seen in evidence.seen.values() if seen.arrived is not None)
    due = [fate.served for _, request in arrivals if (fate := evidence.ideal[request]).served is not None]
    return due != sorted(due)


def served_though_failed(evidence: Evidence) -> int:
    """How many requests were served where an error was due."""
    due = [seen for seen in evidence.seen.values() if evidence.ideal[seen.request].outcome is Outcome.ERROR]
    return sum(seen.outcome == "ok" for seen in due)


def _of_crowds(crowds: Crowds) -> tuple[Burst, str | None] | None:
    """Nobody in a crowd may fail, and what a request costs may not grow with the crowd."""
    errors = sorted(crowds.outcomes.keys() - {"ok"})
    if errors:
        return Burst.POOL_TIMEOUT if errors == ["PoolTimeout"] else Burst.ERROR, "+".join(errors)
    return (Burst.SUPER_LINEAR, None) if crowds.super_linear else None


def _hanging(evidence: Evidence) -> list[Seen]:
    return [
        seen
        for seen in evidence.seen.values()
        if seen.outcome == "hangs" and evidence.ideal[seen.request].ended < evidence.deadline
    ]


def _never_started(evidence: Evidence) -> bool:
    """Whether the load was cut off before a request that a correct pool would have ended by then."""
    missing = evidence.ideal.keys() - evidence.seen.keys()
    return any(evidence.ideal[request].ended < evidence.deadline for request in missing)


def _erring(evidence: Evidence) -> list[Seen]:
    """Any other failure than PoolTimeout where none was due.

    So is a cancellation that nobody asked for, or one that was swallowed, and an error by which a client only says that
    it went wrong itself, due as an error may be. Who is served where the ideal pool reports an error has found a way
    around it, and lost nothing.
    """
    return [
        seen
        for seen in _judged(evidence)
        if (seen.outcome == "error" and evidence.ideal[seen.request].outcome is not Outcome.ERROR)
        or (seen.outcome == "error" and internal(seen))
        or (seen.outcome == "cancelled" and evidence.ideal[seen.request].outcome is not Outcome.CANCELLED)
        or (seen.outcome == "ok" and evidence.ideal[seen.request].outcome is Outcome.CANCELLED)
    ]


def internal(seen: Seen) -> bool:
    """Whether an error is one of Python's own that tells of a mistake in the client and of nothing that happened to it.

    `ValueError: list.remove(x): x not in list` is one. A trouble of the network is none, whoever raises it, nor is
    RuntimeError with a text, by which releases say that a client is closed.
    """
    module, _, name = str(next(iter(seen.data.get("chain", ())), "")).rpartition(".")
    kind = getattr(builtins, name, None) if module == "builtins" else None
    if not isinstance(kind, type) or issubclass(kind, _TOLD_RAW):
        return False
    return kind is not RuntimeError or not seen.data.get("message")


def _refused(evidence: Evidence) -> list[Seen]:
    """PoolTimeout where the ideal pool serves, or more than half a unit before it would have given up."""
    return [
        seen
        for seen in _judged(evidence)
        if seen.outcome == "pool-timeout"
        and (
            evidence.ideal[seen.request].outcome is not Outcome.POOL_TIMEOUT or wait_error(evidence, seen) < -TOLERANCE
        )
    ]


def _kept_waiting(evidence: Evidence) -> list[Seen]:
    """Served, or told more than half a unit too late, where PoolTimeout was due."""
    due = [seen for seen in _judged(evidence) if evidence.ideal[seen.request].outcome is Outcome.POOL_TIMEOUT]
    late = {seen.request for seen in due if seen.outcome == "pool-timeout" and wait_error(evidence, seen) > TOLERANCE}
    return [seen for seen in due if seen.outcome == "ok" or seen.request in late]


def _judged(evidence: Evidence) -> list[Seen]:
    """The requests whose outcome counts: one that runs against its own deadlines may lose in any way but an error."""
    return [
        seen
        for seen in evidence.seen.values()
        if not evidence.ideal[seen.request].raced
        or (seen.outcome == "error" and not str(seen.data.get("error")).endswith("Timeout"))
    ]


def wait_error(evidence: Evidence, seen: Seen) -> float:
    """Units by which the observed wait was longer than the ideal one; each is counted from its own start."""
    fate = evidence.ideal[seen.request]
    assert seen.ended is not None
    return (seen.ended - seen.started) - (fate.ended - fate.queued)


_CHECKS: tuple[tuple[Burst, Callable[[Evidence], list[Seen]]], ...] = (
    (Burst.HANGS, _hanging),
    (Burst.ERROR, _erring),
    (Burst.POOL_TIMEOUT, _refused),
    (Burst.MISSING_TIMEOUT, _kept_waiting),
)


def _error_of(found: list[Seen]) -> str | None:
    """The public exception classes of the requests that decided; more than one are joined by `+`."""
    return "+".join(sorted({str(seen.data["error"]) for seen in found if "error" in seen.data})) or None

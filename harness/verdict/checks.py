"""Pure checkers: the difference between what was observed and what the ideal pool does, on the two axes.

Nothing is measured here; a stored history can be judged again when a rule improves.
"""

from __future__ import annotations

import builtins
from collections.abc import Callable

from .case import Evidence
from .contention import Contention
from .ideal_pool import Outcome
from .lateness import TOLERANCE
from .observed import HANGS, Seen
from .words import After, Burst

_NETWORK_ERRORS = (OSError, EOFError)
"""Python's own errors that report a network problem; some releases raise them unchanged."""


def judge_burst(evidence: Evidence) -> tuple[Burst, str | None]:
    """Return what happened under load, and the class of the exception that decided, or None."""
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
    if evidence.contention is not None and (contended := _of_contention(evidence.contention)):
        return contended
    due = [fate for fate in evidence.ideal.values() if fate.outcome is Outcome.POOL_TIMEOUT and not fate.raced]
    return (Burst.BACK_PRESSURE, "PoolTimeout") if due else (Burst.COMPLETES, None)


def judge_after(limit: int, first: int, final: int) -> After:
    """Return what is left, by the slots counted half a unit after the load and after idle connections have expired.

    `limit` is the number of slots that a correct pool has then: slots that callers keep are not missing.
    """
    if final <= 0:
        return After.DEAD
    if final < limit:
        return After.LEAKS
    return After.SERVES if first >= limit else After.LATE


def failing(evidence: Evidence) -> list[Seen]:
    """Return every request whose end differs from its ideal fate."""
    found = {seen.request: seen for _, find in _CHECKS for seen in find(evidence)}
    return sorted(found.values(), key=lambda seen: (seen.started, seen.request))


def mistimed(evidence: Evidence) -> list[Seen]:
    """Return every request that was rightly served, but more than half a unit too early or too late."""
    served = [seen for seen in _judged(evidence) if seen.outcome == "ok"]
    due = [seen for seen in served if evidence.ideal[seen.request].outcome is Outcome.OK]
    return [seen for seen in due if abs(wait_error(evidence, seen)) > TOLERANCE]


def served_out_of_order(evidence: Evidence) -> bool:
    """Return whether a request reached the server before one that a fair queue serves earlier."""
    arrivals = sorted((seen.arrived, seen.request) for seen in evidence.seen.values() if seen.arrived is not None)
    due = [fate.served for _, request in arrivals if (fate := evidence.ideal[request]).served is not None]
    return due != sorted(due)


def served_though_failed(evidence: Evidence) -> int:
    """Return how many requests were served where an error was due."""
    due = [seen for seen in evidence.seen.values() if evidence.ideal[seen.request].outcome is Outcome.ERROR]
    return sum(seen.outcome == "ok" for seen in due)


def _of_contention(contention: Contention) -> tuple[Burst, str | None] | None:
    """Return the fault of the bursts: a failed request, or a cost per request that grows with their size."""
    errors = sorted(contention.outcomes.keys() - {"ok"})
    if errors:
        return Burst.POOL_TIMEOUT if errors == ["PoolTimeout"] else Burst.ERROR, "+".join(errors)
    return (Burst.SUPER_LINEAR, None) if contention.super_linear else None


def _hanging(evidence: Evidence) -> list[Seen]:
    return [
        seen
        for seen in evidence.seen.values()
        if seen.outcome == "hangs" and evidence.ideal[seen.request].ended < evidence.deadline
    ]


def _never_started(evidence: Evidence) -> bool:
    """Return whether the load was cut off before a request started that a correct pool ends by the deadline."""
    missing = evidence.ideal.keys() - evidence.seen.keys()
    return any(evidence.ideal[request].ended < evidence.deadline for request in missing)


def _erring(evidence: Evidence) -> list[Seen]:
    """Return the requests that failed with something else than PoolTimeout where no failure was due.

    An unplanned cancellation counts as a failure, also a swallowed one, and an internal error even where an error is
    due. A request that succeeds although the model expects an error does not count as a failure.
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
    """Return whether an error is a builtin exception that shows a mistake in the client itself.

    `ValueError: list.remove(x): x not in list` is one. A network error is not, nor is RuntimeError with a text, which
    releases raise for a closed client.
    """
    module, _, name = str(next(iter(seen.data.get("chain", ())), "")).rpartition(".")
    kind = getattr(builtins, name, None) if module == "builtins" else None
    if not isinstance(kind, type) or issubclass(kind, _NETWORK_ERRORS):
        return False
    return kind is not RuntimeError or not seen.data.get("message")


def _refused(evidence: Evidence) -> list[Seen]:
    """Return requests with PoolTimeout where the ideal pool serves, or more than half a unit before it is due."""
    return [
        seen
        for seen in _judged(evidence)
        if seen.outcome == "pool-timeout"
        and (
            evidence.ideal[seen.request].outcome is not Outcome.POOL_TIMEOUT or wait_error(evidence, seen) < -TOLERANCE
        )
    ]


def _out_of_turn(evidence: Evidence) -> list[Seen]:
    """Return requests that waited for their whole pool timeout while as many others were served in their place.

    The pool raises PoolTimeout as often as a correct one, at the right moments, on the wrong requests. If any
    PoolTimeout is early, late, missing or one too many, none counts.
    """
    refused, kept = _refused(evidence), _kept_waiting(evidence)
    swapped = len(refused) == len(kept) and all(seen.outcome == "ok" for seen in kept)
    return refused if swapped and all(_waited_enough(evidence, seen) for seen in refused) else []


def _waited_enough(evidence: Evidence, seen: Seen) -> bool:
    """Return whether a request that a correct pool serves got PoolTimeout when its wait reached the pool timeout."""
    assert seen.ended is not None
    waited = seen.ended - seen.started
    served = evidence.ideal[seen.request].outcome is Outcome.OK
    return served and abs(waited - evidence.pool_timeouts[seen.request]) <= TOLERANCE


def _kept_waiting(evidence: Evidence) -> list[Seen]:
    """Return requests that were served or refused more than half a unit too late, where PoolTimeout was due."""
    due = [seen for seen in _judged(evidence) if evidence.ideal[seen.request].outcome is Outcome.POOL_TIMEOUT]
    late = {seen.request for seen in due if seen.outcome == "pool-timeout" and wait_error(evidence, seen) > TOLERANCE}
    return [seen for seen in due if seen.outcome == "ok" or seen.request in late]


def _judged(evidence: Evidence) -> list[Seen]:
    """Return the requests to judge.

    A request that races its own deadline is judged only if it fails with something other than a timeout.
    """
    return [
        seen
        for seen in evidence.seen.values()
        if not evidence.ideal[seen.request].raced
        or (seen.outcome == "error" and not str(seen.data.get("error")).endswith("Timeout"))
    ]


def wait_error(evidence: Evidence, seen: Seen) -> float:
    """Return the units by which the observed wait exceeds the ideal one; each is counted from its own start."""
    fate = evidence.ideal[seen.request]
    assert seen.ended is not None
    return (seen.ended - seen.started) - (fate.ended - fate.queued)


_CHECKS: tuple[tuple[Burst, Callable[[Evidence], list[Seen]]], ...] = (
    (Burst.HANGS, _hanging),
    (Burst.ERROR, _erring),
    (Burst.UNFAIR, _out_of_turn),
    (Burst.POOL_TIMEOUT, _refused),
    (Burst.MISSING_TIMEOUT, _kept_waiting),
)


def _error_of(found: list[Seen]) -> str | None:
    """Return the public exception classes of the requests that decided, joined by `+`; None where there are none."""
    return "+".join(sorted({str(seen.data["error"]) for seen in found if "error" in seen.data})) or None

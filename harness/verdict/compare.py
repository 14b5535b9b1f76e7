"""Compares two cells of one scenario: rates by their intervals, everything else by status, key and points. Pure."""

from __future__ import annotations

import enum
from collections.abc import Iterable, Sequence

from .outcome import CellOutcome
from .rate import Rate, rate_of
from .words import TABLE, After, Burst, Status

JUDGED = frozenset({Status.PASS, Status.FLAKY, Status.FAIL})
"""Statuses that are a result of the release; cells with any other status are skipped and named."""

FAILING = frozenset({Status.FAIL, Status.FLAKY})
"""Statuses of cells that differ from a correct pool, at least in some runs."""

_SEVERITY = (Status.PASS, Status.FLAKY, Status.FAIL)
_LEFT = tuple(After)


class Change(enum.StrEnum):
    """The change of a cell between two targets."""

    WORSE = "worse"
    BETTER = "better"
    SAME = "same"
    UNKNOWN = "unknown"


def failing_rate(outcome: CellOutcome) -> Rate | None:
    """Return the rate of failing runs of a cell, whatever its status; None where it was never judged."""
    if outcome.rate is not None or outcome.status not in JUDGED or not outcome.repeats:
        return outcome.rate
    return rate_of(outcome.repeats if outcome.status is Status.FAIL else 0, outcome.repeats)


def apart(one: CellOutcome, other: CellOutcome) -> bool:
    """Return whether the intervals of two rates don't overlap: then the difference is not chance."""
    rates = [rate for rate in (failing_rate(one), failing_rate(other)) if rate is not None]
    return len(rates) == 2 and max(rate.low for rate in rates) > min(rate.high for rate in rates)


def open_question(one: CellOutcome, other: CellOutcome) -> bool:
    """Return whether more runs may decide a difference: a cell is flaky and the intervals of the rates overlap."""
    statuses = {one.status, other.status}
    return Status.FLAKY in statuses and statuses <= JUDGED and not apart(one, other)


def open_pairs(outcomes: Sequence[CellOutcome], pairs: Iterable[tuple[int, int]]) -> set[int]:
    """Return the indexes of all outcomes whose comparison is open."""
    return {n for one, other in pairs if open_question(outcomes[one], outcomes[other]) for n in (one, other)}


def flips(one: CellOutcome, other: CellOutcome) -> bool:
    """Return whether two judged cells behave differently: their status or their key differs."""
    return (one.status, one.key) != (other.status, other.key)


def compare(base: CellOutcome, head: CellOutcome) -> tuple[Change, str | None]:
    """Return the change of a cell, and a remark where the change needs one.

    Worse means: from pass to flaky or fail; a higher rate beyond its interval; among failing cells fewer slots left, a
    load that was served and is not any more, or new leaking points of a sweep.
    """
    if base.status is head.status is Status.UNSUPPORTED:
        return Change.SAME, f"neither has it: {head.reason}"
    for outcome, side in ((base, "base"), (head, "head")):
        if outcome.status not in JUDGED:
            return Change.UNKNOWN, f"{side} is {outcome.status}: {outcome.reason or 'no reason was given'}"
    if Status.PASS not in {base.status, head.status}:
        return _of_failing(base, head)
    change = _by_rank(_SEVERITY.index(base.status), _SEVERITY.index(head.status))
    return change, _unknown_rates(base, head) if open_question(base, head) else None


def _of_failing(base: CellOutcome, head: CellOutcome) -> tuple[Change, str | None]:
    if Status.FLAKY in {base.status, head.status}:
        if not apart(base, head):
            return Change.SAME, _unknown_rates(base, head)
        before, after = failing_rate(base), failing_rate(head)
        assert before is not None
        assert after is not None
        return _by_rank(before.low, after.low), f"failing {before}, then {after}"
    if base.points is not None and head.points is not None:
        return _of_points(base, head)
    change = _by_rank(_harm(base), _harm(head))
    return change, None if base.key == head.key else f"fails in another way: {base.key}, then {head.key}"


def _of_points(base: CellOutcome, head: CellOutcome) -> tuple[Change, str | None]:
    """Compare the sets of leaking points without their steps, which differ from run to run."""
    before, after = ({(p.style, p.situation, p.backend) for p in outcome.points or ()} for outcome in (base, head))
    anew, gone = sorted(after - before), sorted(before - after)
    remarks = [f"leaks anew: {', '.join('/'.join(point) for point in anew)}"] if anew else []
    remarks += [f"leaks no more: {', '.join('/'.join(point) for point in gone)}"] if gone else []
    return Change.WORSE if anew else Change.BETTER if gone else Change.SAME, "; ".join(remarks) or None


def _harm(outcome: CellOutcome) -> tuple[int, bool]:
    """Return a rank of what a failing cell leaves behind, then whether its load was served wrongly."""
    assert outcome.burst is not None
    assert outcome.after is not None
    served = TABLE[Burst(outcome.burst), After.SERVES] is Status.PASS
    return _LEFT.index(After(outcome.after)), not served


def _by_rank(base: float | tuple[int, bool], head: float | tuple[int, bool]) -> Change:
    """Compare two values of one kind; the higher is worse."""
    low, high = sorted([base, head])
    return Change.SAME if low == high else Change.WORSE if head == high else Change.BETTER


def _unknown_rates(base: CellOutcome, head: CellOutcome) -> str:
    return f"the rates are not known well enough to distinguish them: {failing_rate(base)}; {failing_rate(head)}"

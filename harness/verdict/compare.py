"""Compares two cells of one scenario: what chance decides by blocks of runs, all else by status, key and points. Pure.

Batches of runs differ by more than chance: a race is won or lost by microseconds, and those follow the load of the
machine. Of a cell that chance decides, only the failing rate is compared, with an interval from the variation between
blocks. Too few blocks, or a difference within the interval, leave the comparison undecided: never "same".
"""

from __future__ import annotations

import enum
from collections.abc import Iterable, Sequence

from .outcome import CellOutcome
from .rate import CONFIDENCE, ENOUGH_BLOCKS, Rate, difference, rate_of, rate_of_blocks
from .words import TABLE, After, Burst, Status

JUDGED = frozenset({Status.PASS, Status.FLAKY, Status.FAIL})
"""Statuses that are a result of the release; cells with any other status are skipped and named."""

FAILING = frozenset({Status.FAIL, Status.FLAKY})
"""Statuses of cells that differ from a correct pool, at least in some runs."""

FALSE_WORSE = 1 / 200
"""The chance that a set of compared cells has a false "worse": at most one gate in 200 reports one."""

MARGIN = 0.2
"""The difference of failing rates from which two rates are not the same."""

_SEVERITY = (Status.PASS, Status.FAIL)
_LEFT = tuple(After)


class Change(enum.StrEnum):
    """The change of a cell between two targets."""

    WORSE = "worse"
    BETTER = "better"
    SAME = "same"
    UNKNOWN = "unknown"


def failing_rate(outcome: CellOutcome) -> Rate | None:
    """Return the rate of failing runs of a cell, whatever its status; None where it was never judged."""
    if outcome.in_blocks:
        return rate_of_blocks(outcome.in_blocks)
    if outcome.rate is not None or outcome.status not in JUDGED or not outcome.repeats:
        return outcome.rate
    return rate_of(outcome.repeats if outcome.status is Status.FAIL else 0, outcome.repeats)


def apart(one: CellOutcome, other: CellOutcome, among: int = 1) -> bool:
    """Return whether the blocks of two cells, compared among so many, show that their rates differ."""
    if min(len(one.in_blocks), len(other.in_blocks)) < ENOUGH_BLOCKS:
        return False
    low, high = difference(one.in_blocks, other.in_blocks, 1 - 2 * FALSE_WORSE / among)
    return low > 0 or high < 0


def open_question(one: CellOutcome, other: CellOutcome) -> bool:
    """Return whether more runs may decide a comparison: chance decides a cell, and their blocks do not suffice."""
    judged = {one.status, other.status} <= JUDGED
    return judged and (one.by_chance or other.by_chance) and _of_rates(one, other, 1)[0] is Change.UNKNOWN


def open_pairs(outcomes: Sequence[CellOutcome], pairs: Iterable[tuple[int, int]]) -> set[int]:
    """Return the indexes of all outcomes whose comparison is open."""
    return {n for one, other in pairs if open_question(outcomes[one], outcomes[other]) for n in (one, other)}


def flips(one: CellOutcome, other: CellOutcome) -> bool:
    """Return whether two judged cells behave differently: their status or their key differs."""
    return (one.status, one.key) != (other.status, other.key)


def compare(base: CellOutcome, head: CellOutcome, among: int = 1) -> tuple[Change, str | None]:
    """Return the change of a cell, and a remark where the change needs one; `among` cells are compared together.

    Worse means: from pass to fail; a higher rate beyond its interval; among failing cells fewer slots left, a load that
    was served and is not any more, or new leaking points of a sweep. Unknown: a side is not judged, or chance decides
    the cell and its runs do not suffice.
    """
    if base.status is head.status is Status.UNSUPPORTED:
        return Change.SAME, f"neither has it: {head.reason}"
    for outcome, side in ((base, "base"), (head, "head")):
        if outcome.status not in JUDGED:
            return Change.UNKNOWN, f"{side} is {outcome.status}: {outcome.reason or 'no reason was given'}"
    if base.by_chance or head.by_chance:
        return _of_rates(base, head, among)
    if Status.PASS not in {base.status, head.status}:
        return _of_failing(base, head)
    return _by_rank(_SEVERITY.index(base.status), _SEVERITY.index(head.status)), None


def _of_rates(base: CellOutcome, head: CellOutcome, among: int) -> tuple[Change, str | None]:
    """Compare two stored cells that chance decides; the same are rates whose difference is certainly below `MARGIN`."""
    before, after = failing_rate(base), failing_rate(head)
    fewest = min(len(base.in_blocks), len(head.in_blocks))
    if fewest < ENOUGH_BLOCKS:
        runs = f"failing {before}, then {after}"
        return Change.UNKNOWN, f"decided by chance, and a side has {fewest} of {ENOUGH_BLOCKS} blocks of runs: {runs}"
    low, high = difference(base.in_blocks, head.in_blocks, 1 - 2 * FALSE_WORSE / among)
    if low > 0 or high < 0:
        return Change.WORSE if low > 0 else Change.BETTER, f"failing {before}, then {after}"
    low, high = difference(base.in_blocks, head.in_blocks, CONFIDENCE)
    if low > -MARGIN and high < MARGIN:
        return Change.SAME, f"failing {before}, then {after}"
    return Change.UNKNOWN, _unknown_rates(base, head)


def _of_failing(base: CellOutcome, head: CellOutcome) -> tuple[Change, str | None]:
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


def _by_rank(base: int | tuple[int, bool], head: int | tuple[int, bool]) -> Change:
    """Compare two values of one kind; the higher is worse."""
    low, high = sorted([base, head])
    return Change.SAME if low == high else Change.WORSE if head == high else Change.BETTER


def _unknown_rates(base: CellOutcome, head: CellOutcome) -> str:
    return f"the rates are not known well enough to distinguish them: {failing_rate(base)}; {failing_rate(head)}"

"""Combines several judgements into the outcome of a cell."""

from __future__ import annotations

from collections import Counter

import msgspec

from ..cells.cell import Cell
from .judgement import Judgement
from .outcome import CellOutcome
from .rate import rate_of, rate_of_blocks
from .sweep import moved_between
from .words import Status


def summary_of_blocks(cell: Cell, blocks: list[list[Judgement]]) -> CellOutcome:
    """Return the outcome of runs in blocks; its rate has an interval from the variation between the blocks."""
    outcome = summary(cell, [judgement for block in blocks for judgement in block])
    counts = [counted for block in blocks if (counted := _counted(block))[1]]
    rate = rate_of_blocks(counts) if outcome.rate is not None else None
    return msgspec.structs.replace(outcome, blocks=counts, rate=rate)


def _counted(block: list[Judgement]) -> tuple[int, int]:
    """Return the failed runs and all judged runs of a block."""
    judged = [judgement for judgement in block if judgement.key is not None]
    return sum(judgement.status is Status.FAIL for judgement in judged), len(judged)


def summary(cell: Cell, judgements: list[Judgement]) -> CellOutcome:
    """Return the outcome of all runs; the first with the commonest key among those with the worst status decides.

    A run without the API that it needs decides only if all runs are so: where one is judged, the API is there, and the
    other run ended before its load by chance.
    """
    judged = [judgement for judgement in judgements if judgement.key is not None]
    left_out = [judgement for judgement in judgements if judged and judgement.status is Status.UNSUPPORTED]
    judgements = [judgement for judgement in judgements if judgement not in left_out]
    keys = Counter(judgement.key for judgement in judged if judgement.key is not None)
    worst = [judgement for judgement in judgements if judgement.status is not Status.PASS] or judgements
    deciding = max(worst, key=lambda judgement: (judgement.key is None, keys[judgement.key or ""]))
    failed = sum(judgement.status is Status.FAIL for judgement in judged)
    flaky = 0 < failed < len(judged)
    differing = ("differs from run to run",) if len(keys) > 1 else ()
    without = _not_judged(left_out, len(judged))
    moved = moved_between([judgement.points for judgement in judged if judgement.points is not None])
    return CellOutcome(
        scenario=cell.scenario.id,
        variant=cell.variant,
        status=Status.FLAKY if flaky and deciding.key is not None else deciding.status,
        burst=deciding.burst,
        after=deciding.after,
        key=deciding.key,
        keys=dict(sorted(keys.items())),
        rate=rate_of(failed, len(judged)) if flaky else None,
        slots=deciding.slots,
        outcomes=deciding.outcomes,
        expected=deciding.expected,
        notes=(*deciding.notes, *differing, *without, *moved),
        points=deciding.points,
        covered=deciding.covered,
        cost=deciding.cost,
        repeats=len(judged),
        reason=deciding.reason,
    )


def _not_judged(left_out: list[Judgement], judged: int) -> tuple[str, ...]:
    """Return a note for each reason of the runs that were left out, commonest first."""
    reasons = Counter(judgement.reason for judgement in left_out).most_common()
    return tuple(f"{count} of {judged + len(left_out)} runs not judged: {reason}" for reason, count in reasons)

"""Describes the outcome of a cell in words."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from .compare import JUDGED
from .judgement import Point
from .outcome import CellOutcome, CellResult
from .words import MEANING, After, Burst, Status


def consequence(entry: CellOutcome) -> str:
    """Return the consequence for a program, in one sentence."""
    words = seen_words(entry)
    return f"{words[0].upper()}{words[1:]}."


def seen_words(entry: CellOutcome) -> str:
    """Return what happened under load and what is left, of a judged outcome; not a whole sentence."""
    assert entry.burst is not None
    assert entry.after is not None
    burst = MEANING[entry.burst]
    left = f" ({entry.slots.usable_final} of {entry.slots.limit} left)" if entry.slots else ""
    after = "the pool is whole" if entry.after is After.SERVES else f"{MEANING[entry.after]}{left}"
    rate = f", in {entry.rate.failed} of {entry.rate.runs} runs" if entry.rate else ""
    return f"{burst}; afterwards {after}{rate}"


def verb_and_key(cell: CellResult) -> str:
    """Return the status as a verb with its key and figures; the reason where the cell was not judged."""
    cost = f" ({cell.cost})" if cell.cost else ""
    rate = f" in {cell.rate.failed} of {cell.rate.runs} runs" if cell.rate else ""
    match cell.status:
        case Status.PASS:
            runs = f" in all of {cell.repeats} runs" if cell.repeats > 1 else ""
            return f"passes{runs} with {cell.key}{cost}"
        case Status.FAIL:
            return f"fails with {cell.key}{cost}"
        case Status.FLAKY:
            return f"fails with {cell.key}{rate}"
    return f"{cell.status} ({cell.reason or 'no reason was given'})"


def words_of(cell: CellResult) -> str:
    """Return status and key of a cell, with its rate where it has one; the reason where it was not judged."""
    rate = f" in {cell.rate.failed} of {cell.rate.runs} runs" if cell.rate else ""
    return f"{cell.status} {cell.key or cell.reason or ''}{rate}".strip()


def does_of(cell: CellResult) -> str:
    """Return what a cell does, without its key; the reason where it was not judged."""
    if cell.status is Status.PASS:
        return "as a correct pool"
    if cell.status not in JUDGED or cell.burst is None:
        return f"{cell.status}: {cell.reason or 'no reason was given'}"
    if cell.points:
        loaded = "" if cell.burst is Burst.COMPLETES else f"{MEANING[cell.burst]}; "
        rate = f", in {cell.rate.failed} of {cell.rate.runs} runs" if cell.rate else ""
        return f"{loaded}slots are lost where requests are cancelled: {_styles(cell.points)}{rate}"
    return seen_words(cell)


def _styles(points: Iterable[Point]) -> str:
    """Return how and when a slot is lost: the styles of cancelling, grouped by their situations."""
    met: defaultdict[str, set[str]] = defaultdict(set)
    for point in points:
        met[point.style].add(point.situation)
    together: defaultdict[str, list[str]] = defaultdict(list)
    for style, situations in sorted(met.items()):
        together[", ".join(sorted(situations))].append(style)
    return "; ".join(f"{', '.join(styles)} ({situations})" for situations, styles in sorted(together.items()))

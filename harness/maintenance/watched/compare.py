"""Compares what the watcher reported in a cell with the slots that were counted there. Pure functions."""

from __future__ import annotations

from ...verdict.words import After
from .row import Look, Row

LOST = {"leaks", "dead"}
EXPECTED = {
    After.SERVES: {"serves", "held-by-caller"},
    After.LATE: {"serves", "held-by-caller"},
    After.LEAKS: {"leaks"},
    After.DEAD: {"dead"},
}
"""The verdicts of the watcher that agree with what a judge says is left after a load."""


def agreement(row: Row) -> str | None:
    """Return in what a row agrees: `serves`, `held-by-caller`, `leaks` or `dead`; None where it was not judged."""
    if row.after is None or disagreement(row) is not None:
        return None
    if row.leaking is not None:
        return "leaks" if row.leaking else "serves"
    return row.after.value if row.after in {After.LEAKS, After.DEAD} else row.looks[-1].verdict


def disagreement(row: Row) -> str | None:
    """Return how what was reported differs from what was counted; None where it agrees or was not judged."""
    if row.after is None:
        return None
    if row.leaking is not None:
        said = sum(bool(look.lost) for look in row.looks)
        return None if said == row.leaking else f"{row.leaking} pools of the sweep lost slots, {said} are reported"
    if len(row.looks) < 2:
        return "the pool was not seen before both counts"
    return _verdicts(row) or next((words for number in range(2) if (words := _slots(row, number))), None)


def _verdicts(row: Row) -> str | None:
    last = row.looks[-1]
    if last.verdict == "serves" and last.held:
        return f"{last.held} responses are held, and serves is reported"
    if last.verdict in EXPECTED[row.after or After.SERVES] or _found_by(row, 1):
        return None
    return f"{last.verdict} is reported of a pool that {row.after}"


def _slots(row: Row, number: int) -> str | None:
    """Return how the lost and held slots before a count differ from those that it missed."""
    look, missing = row.looks[number], row.missing[number]
    lost = _lost(look)
    if row.shares:
        # The judge also counts a request that is refused on a shared connection: no slot is missing then.
        agrees = lost > 0 if missing > 0 else lost == 0 or row.after in {After.LEAKS, After.DEAD}
    else:
        lost, missing = lost + look.held, missing + row.kept
        agrees = lost == missing
    if agrees or _found_by(row, number):
        return None
    return f"{missing} slots are missing at the {('first', 'final')[number]} count, {lost} reported"


def _found_by(row: Row, number: int) -> bool:
    """Return whether only the count shows what is wrong: a pool that does not give a free slot to a request.

    The watcher then reports it while the request waits.
    """
    during = row.during[number]
    return row.missing[number] > 0 and during is not None and row.looks[number].verdict not in LOST


def _lost(look: Look) -> int:
    if look.verdict == "dead":
        return (look.limit or 0) - look.held  # blocked by a request that is first in the queue, or stalled
    return sum(count for kind, count in look.lost.items() if kind != "queue")

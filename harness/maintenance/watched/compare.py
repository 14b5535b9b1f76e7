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
    return row.looks[-1].verdict


def disagreement(row: Row) -> str | None:
    """Return how what was reported differs from what was counted; None where it agrees or was not judged."""
    if row.after is None:
        return None
    if row.leaking is not None:
        said = sum(look.verdict in LOST for look in row.looks)
        return None if said == row.leaking else f"{row.leaking} pools of the sweep lost slots, {said} are reported"
    if len(row.looks) < 2:
        return "the pool was not seen before both counts"
    if row.looks[-1].verdict not in EXPECTED[row.after]:
        return f"{row.looks[-1].verdict} is reported of a pool that {row.after}"
    if row.looks[-1].verdict == "serves" and row.looks[-1].held:
        return f"{row.looks[-1].held} responses are held, and serves is reported"
    counts = zip(("first", "final"), row.looks, row.missing, strict=True)
    return next((words for words in (_slots(row, *count) for count in counts) if words), None)


def _slots(row: Row, when: str, look: Look, missing: int) -> str | None:
    """Return how the lost and held slots of a look differ from those that a count missed."""
    lost = _lost(look)
    if row.shares:
        return (
            None if (lost > 0) == (missing > 0) else f"{missing} slots are missing at the {when} count, {lost} reported"
        )
    missing += row.kept
    gone = lost + look.held
    return None if gone == missing else f"{missing} slots are missing at the {when} count, {gone} reported"


def _lost(look: Look) -> int:
    if look.verdict == "dead":
        return (look.limit or 0) - look.held  # blocked by a request that is first in the queue, or stalled
    return sum(count for kind, count in look.lost.items() if kind != "queue")

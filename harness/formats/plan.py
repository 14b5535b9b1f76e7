"""Text of the answer of `run --plan`: what a run would measure and how long it may take, then its tiers."""

from __future__ import annotations

from ..answers.plan import PlanAnswer, TierPlan
from .format import Format, Writers


def render(answer: PlanAnswer, wanted: Format) -> str:
    """Return the answer in one of its formats, without a line end."""
    return WRITERS.write(answer, wanted)


def to_text(answer: PlanAnswer) -> str:
    """Return the line that decides, and a row for each tier."""
    targets = "1 target" if answer.targets == 1 else f"{answer.targets} targets"
    missing = answer.cells - answer.stored
    head = f"{answer.cells} cells on {targets}: {answer.stored} are stored, {missing} to measure"
    if not missing:
        return f"{head}."
    rows = [("tier", "cells", "stored", "runs", "hours"), *map(_row, answer.tiers)]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return "\n".join(
        [
            f"{head} in {answer.runs} runs, in about {_hours(answer.hours)} on this machine.",
            *("  ".join([row[0].ljust(widths[0]), *map(str.rjust, row[1:], widths[1:])]) for row in rows),
        ]
    )


def _row(tier: TierPlan) -> tuple[str, ...]:
    return tier.tier or "other", str(tier.cells), str(tier.stored), str(tier.runs), f"{tier.hours:.2f}"


def _hours(hours: float) -> str:
    return f"{hours:.1f} hours" if hours >= 1 else f"{max(1, round(hours * 60))} minutes"


WRITERS = Writers[PlanAnswer](text=to_text)

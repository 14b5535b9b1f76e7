"""How often a cell is run.

A cell that chance decides is run in blocks: the runs of a block share the conditions of a moment, and the blocks of a
cell are spread over the campaign, between those of all other cells. Their variation shows how much a rate depends on
such conditions; runs that follow each other at once can't show it.
"""

from __future__ import annotations

from collections import Counter

from ..cells.cell import Cell
from ..verdict.judgement import Judgement
from ..verdict.rate import ENOUGH_BLOCKS, rate_of
from ..verdict.words import Status
from .settings import Settings

CONFIRMING = 3
"""Runs of a cell when the first one does not pass."""
KNOWN = 0.4
"""Width of the 95% interval at which the rate of a racy cell is known: 7 of 24 is narrow enough, 3 of 6 is not."""
RACY = 24
"""Runs of a racy cell at most; any rate is known by then."""

BLOCK = 3
"""Runs of a block."""


def blocks_wanted(settings: Settings) -> list[int]:
    """Return the runs of each block of a cell that chance decides; `settings.repeats` bounds the runs of all blocks."""
    runs = settings.repeats or BLOCK * ENOUGH_BLOCKS
    return [BLOCK] * (runs // BLOCK) + ([runs % BLOCK] if runs % BLOCK else [])


def wanted(settings: Settings, cell: Cell, judgements: list[Judgement]) -> int:
    """Return how many runs a cell needs in total, from its judgements so far."""
    if settings.repeats is not None:
        return settings.repeats
    if cell.scenario.run is not None:
        # A sweep repeats its requests until it finds no new point.
        return cell.scenario.repeats
    shares = Counter(judgement.key for judgement in judgements)
    if len(shares) > 1:
        rates = [rate_of(runs, len(judgements)) for runs in shares.values()]
        return len(judgements) if all(rate.high - rate.low <= KNOWN for rate in rates) else RACY
    if all(judgement.cost is not None for judgement in judgements):
        # Each run has repeated its bursts of tasks until the cost was known.
        return cell.scenario.repeats
    passing = all(judgement.status is Status.PASS for judgement in judgements)
    return max(cell.scenario.repeats, settings.least, 1 if passing else CONFIRMING)

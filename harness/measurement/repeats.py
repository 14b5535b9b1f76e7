"""How often a cell is run."""

from __future__ import annotations

from collections import Counter

from ..cells.cell import Cell
from ..verdict.judgement import Judgement
from ..verdict.rate import rate_of
from ..verdict.words import Status
from .settings import Settings

CONFIRMING = 3
"""Runs that a cell gets once one of them does not pass."""
KNOWN = 0.4
"""Width of the 95% interval at which the rate of a racy cell is known well enough: 7 of 24 is, 3 of 6 is not."""
RACY = 24
"""Runs that a racy cell gets at most; whatever its rate is, it is known by then."""

ENOUGH = 24
"""Runs after which a rate is as well known as it gets: none of 24 is below 14%, half of 24 is 31 to 69%."""


def wanted(settings: Settings, cell: Cell, judgements: list[Judgement]) -> int:
    """How many runs a cell with these judgements so far should have."""
    if settings.repeats is not None:
        return settings.repeats
    if cell.scenario.run is not None:
        # It repeats itself until nothing new turns up.
        return cell.scenario.repeats
    shares = Counter(judgement.key for judgement in judgements)
    if len(shares) > 1:
        rates = [rate_of(runs, len(judgements)) for runs in shares.values()]
        return len(judgements) if all(rate.high - rate.low <= KNOWN for rate in rates) else RACY
    if all(judgement.cost is not None for judgement in judgements):
        # Each run has repeated its crowds until it was sure.
        return cell.scenario.repeats
    passing = all(judgement.status is Status.PASS for judgement in judgements)
    return max(cell.scenario.repeats, 1 if passing else CONFIRMING)

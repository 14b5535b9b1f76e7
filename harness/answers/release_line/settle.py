"""Measure a line, and by runs in turns what the blocks of neighbours leave to chance, within a budget."""

from __future__ import annotations

import sys

from ...catalogue.releases import Catalogue, load
from ...cells.cell import Cell
from ...measurement.cached import Measurer
from ...verdict.outcome import CellResult
from .flips import FlipsAnswer, InTurns, by_chance, combined_runs, differing, flips_answer, left_to_chance


def measured_flips(measurer: Measurer, line: str, cells: list[Cell], budget: float) -> FlipsAnswer:
    """Return the flips of the cells of a line, which are in release order; `budget` is seconds of runs in turns."""
    results = measurer.answers_compared(cells, differing, combined_runs)
    return flips_answer(line, results, load(), in_turns(measurer, cells, results, load(), budget))


def in_turns(
    measurer: Measurer, cells: list[Cell], results: list[CellResult], catalogue: Catalogue, budget: float
) -> InTurns:
    """Return the neighbours that were measured again; none where the budget or the number of runs rules it out."""
    pairs = left_to_chance(results, catalogue)
    if not pairs or not budget or measurer.settings.repeats is not None:
        return {}
    print(f"poolgate: {len(pairs)} pairs of neighbours are run in turns for at most {budget:g} s", file=sys.stderr)
    chosen = [(cells[one], cells[other]) for one, other in pairs]
    return dict(zip(pairs, measurer.compared_pairs(chosen, budget, by_chance(results)), strict=True))

"""Simulates gates whose cells share a budget, as `measurement/paired.py` shares it: in turns until each is decided.

A cell that is decided leaves its turns to the others. Leading cells have the first half of the budget.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from ...measurement.paired import PAIRS
from ...verdict.compare import MARGIN, Change
from .real_gates import OpenCell, RealGate
from .simulate_cell import Spread, decided, simulated_block


@dataclass
class _Turns:
    """The pairs of one simulated cell so far; its head fails more often by `difference`."""

    spread: Spread
    difference: float
    among: int
    only_head: int = 0
    only_base: int = 0
    pairs: int = 0
    change: Change = field(default=Change.UNKNOWN)

    def turn(self, chance: random.Random) -> None:
        """Add a block of pairs."""
        only_head, only_base = simulated_block(self.spread, PAIRS, self.difference, chance)
        self.only_head, self.only_base = self.only_head + only_head, self.only_base + only_base
        self.pairs += PAIRS
        self.change = decided(self.among, self.only_head, self.only_base, self.pairs)


def simulated_gate(
    cells: Sequence[tuple[Spread, float]], first: int, pairs: int, among: int, chance: random.Random
) -> list[Change]:
    """Return what a gate decides of cells, each with a difference, whose pairs are so many together at most.

    The `first` cells share half of the pairs before the others begin.
    """
    turns = [_Turns(spread, difference, among) for spread, difference in cells]
    left = pairs
    for group, limit in ((turns[:first], pairs // 2 if first < len(turns) else pairs), (turns, pairs)):
        end = pairs - limit
        for cell in _in_turns(group):
            if left - PAIRS < end:
                break
            cell.turn(chance)
            left -= PAIRS
    return [cell.change for cell in turns]


def _in_turns(cells: list[_Turns]) -> Iterator[_Turns]:
    while open_cells := [cell for cell in cells if cell.change is Change.UNKNOWN]:
        yield from (cell for cell in open_cells if cell.change is Change.UNKNOWN)


def false_worse(gates: Sequence[RealGate], count: int, pairs: int, spread: Spread, chance: random.Random) -> int:
    """Return how many of `count` simulated gates report "worse", though both sides of each cell fail alike."""
    worse = 0
    for number in range(count):
        gate = gates[number % len(gates)]
        cells = [(_of(cell, spread), 0.0) for cell in gate.cells]
        worse += Change.WORSE in simulated_gate(cells, _first(gate), pairs, gate.among, chance)
    return worse


def power(gate: RealGate, planted: int, count: int, pairs: int, spread: Spread, chance: random.Random) -> float:
    """Return the share of gates that find one cell that is worse by `MARGIN`; the others fail as they are stored."""
    cells = [(_of(cell, spread), cell.head - cell.base) for cell in gate.cells]
    middle = _of(gate.cells[planted], spread)
    cells[planted] = middle._replace(rate=min(1 - MARGIN / 2, max(MARGIN / 2, middle.rate))), MARGIN
    found = Counter(simulated_gate(cells, _first(gate), pairs, gate.among, chance)[planted] for _ in range(count))
    return found[Change.WORSE] / count


def _first(gate: RealGate) -> int:
    return sum(cell.core for cell in gate.cells)


def _of(cell: OpenCell, spread: Spread) -> Spread:
    """Return a spread around the middle of the rates of a cell."""
    return spread._replace(rate=(cell.base + cell.head) / 2)

"""Simulates gates from the figures of measured ones: `make simulate-gates`.

First gates of equal cells, which show the error where a block favours a side: a cell with a rate of a half and the
largest of the measured variances is among them. Then the gates of `real_gates.py`, whose cells share a budget.
"""

from __future__ import annotations

import argparse
import random
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from statistics import fmean

from ...errors import PoolgateError
from ...verdict.compare import FALSE_WORSE, MARGIN, Change
from ...verdict.paired import detectable
from . import shared
from .real_gates import RealGate, real_gates
from .record import FILE, Gate, load_gates
from .simulate_cell import Spread, simulated_change, spread_of

BUDGETS = (60, 1800)
"""Seconds of the budgets that are printed."""


def false_worse(spreads: Sequence[Spread], gates: int, pairs: int, among: int, chance: random.Random) -> int:
    """Return how many simulated gates of `among` equal cells report "worse"."""
    return sum(
        any(simulated_change(chance.choice(spreads), pairs, among, 0.0, chance) is Change.WORSE for _ in range(among))
        for _ in range(gates)
    )


def spreads_in(gates: Sequence[Gate]) -> list[Spread]:
    """Return the spread of each measured cell, but for those with too few blocks of several pairs."""
    rows = [row.blocks for gate in gates for row in gate.rows]
    return [spread_of(blocks) for blocks in rows if sum(block[0] > 1 for block in blocks) > 1]


def pairs_within(gates: Sequence[Gate], seconds: float) -> int:
    """Return the pairs of all cells together that fit into a budget, as fast as the measured gates were."""
    rows = [row for gate in gates for row in gate.rows if row.pairs]
    return round(seconds * sum(row.pairs for row in rows) / sum(row.seconds for row in rows))


def power_lines(
    gates: Sequence[RealGate], budget: int, pairs: int, times: int, spread: Spread, chance: random.Random
) -> Iterator[str]:
    """Yield for each gate in how many of the simulated ones a difference of `MARGIN` is found within a budget.

    The lowest share is that of the cell where it is found least.
    """
    for gate in gates:
        found = [shared.power(gate, cell, times, pairs, spread, chance) for cell in range(len(gate.cells))]
        each = pairs // len(gate.cells)
        seen = detectable(each, gate.among)
        bound = "no difference is seen" if seen is None else f"{seen} points are seen"
        yield (
            f"at {budget} s, {gate.base} with {gate.head}: {len(gate.cells)} cells share {pairs} pairs; "
            f"{MARGIN:.0%} more in one of them is found in {min(found):.0%} to {max(found):.0%} of the gates; "
            f"with {each} pairs for each cell {bound}"
        )


def main() -> int:
    """Simulate gates and print the errors; 1 if there are more false "worse" than stated."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--gates", type=int, default=10_000, help="simulated gates (default: 10000)")
    parser.add_argument("--pairs", type=int, default=400, help="pairs of an equal cell at most (default: 400)")
    parser.add_argument("--among", type=int, default=20, help="equal cells of a gate (default: 20)")
    parser.add_argument("--power", type=int, default=500, help="simulated gates for each power (default: 500)")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--file", type=Path, default=FILE, help="measured gates")
    arguments = parser.parse_args()
    gates, chance = load_gates(arguments.file).gates, random.Random(arguments.seed)
    spreads = spreads_in(gates)
    if not spreads:
        raise PoolgateError(f"{arguments.file} has no blocks of several pairs: run `make chance-evidence` first")
    for spread in spreads:
        print("measured: failing {:.0%}, variance between blocks {:.4f} shared, {:.4f} of a side".format(*spread))
    largest = Spread(0.5, max(each.shared for each in spreads), max(each.alone for each in spreads))
    usual = Spread(0.5, fmean(each.shared for each in spreads), fmean(each.alone for each in spreads))
    worse = false_worse([*spreads, largest], arguments.gates, arguments.pairs, arguments.among, chance)
    print(f'{worse} of {arguments.gates} gates of {arguments.among} equal cells report "worse"', flush=True)
    real = [gate for gate in real_gates() if gate.cells]
    for budget in BUDGETS:
        pairs = pairs_within(gates, budget)
        wrong = shared.false_worse(real, arguments.gates, pairs, largest, chance)
        worse = max(worse, wrong)
        print(f'at {budget} s, {wrong} of {arguments.gates} gates of releases that fail alike report "worse"')
        for line in power_lines(real, budget, pairs, arguments.power, usual, chance):
            print(line, flush=True)
    return 1 if worse > FALSE_WORSE * arguments.gates else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except PoolgateError as error:
        sys.exit(str(error))

"""Simulates gates from the figures of measured ones: `make simulate-gates`.

Each block draws a rate that both sides share, and one for each side around it; their variances are those between the
measured blocks. The first is the common shock, which cancels within a pair. The second does not, and shows whether the
error holds where a block favours a side. A cell with a rate of a half and the largest of these variances is added.
"""

from __future__ import annotations

import argparse
import random
import sys
from collections import Counter
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from statistics import covariance, fmean, variance
from typing import NamedTuple

from ...errors import PoolgateError
from ...measurement.paired import PAIRS
from ...verdict.compare import FALSE_WORSE, Change
from ...verdict.paired import PairedTest, detectable
from .record import FILE, Figures, Gate, load_gates

DIFFERENCE = 0.2
"""The difference of rates whose power is simulated."""
BUDGETS = (60, 1800)
"""Seconds of the budgets that are printed."""
_BETA = 0.95
"""The variance of a rate as a share of the largest possible one, at most."""


class Spread(NamedTuple):
    """The failing rate of a cell, and its variance between blocks: shared by both sides, and of each side alone."""

    rate: float
    shared: float
    alone: float


def spread_of(blocks: Sequence[Figures]) -> Spread:
    """Return the rate and variances of measured blocks, by the method of moments; blocks of one pair are left out.

    A share of n runs varies by the variance of the rate between blocks, plus that of the runs within a block.
    """
    kept = [block for block in blocks if block[0] > 1]
    base, head = ([failed / pairs for pairs, *both in kept for failed in [both[side]]] for side in (0, 1))
    rates, size = (fmean(base), fmean(head)), fmean(pairs for pairs, *_ in kept)
    shared = max(0.0, covariance(base, head))
    whole = fmean(
        (variance(side) - rate * (1 - rate) / size) / (1 - 1 / size)
        for side, rate in zip((base, head), rates, strict=True)
    )
    return Spread(fmean(rates), shared, max(0.0, whole - shared))


def simulated_change(spread: Spread, pairs: int, among: int, difference: float, chance: random.Random) -> Change:
    """Return what a test decides from this many simulated pairs at most."""
    heads = coins = done = 0
    while done < pairs:
        block = min(PAIRS, pairs - done)
        only_head, only_base = _block(spread, block, difference, chance)
        heads, coins, done = heads + only_head, coins + only_base, done + block
        if (change := _decided(among, heads, coins, done)) is not Change.UNKNOWN:
            return change
    return Change.UNKNOWN


def _block(spread: Spread, pairs: int, difference: float, chance: random.Random) -> tuple[int, int]:
    common = _drawn(spread.rate, spread.shared, chance)
    base, head = (
        min(1.0, max(0.0, _drawn(common, spread.alone, chance) + shift)) for shift in (-difference / 2, difference / 2)
    )
    runs = [(chance.random() < base, chance.random() < head) for _ in range(pairs)]
    return sum(head and not base for base, head in runs), sum(base and not head for base, head in runs)


def _drawn(rate: float, spread: float, chance: random.Random) -> float:
    """Return a rate from the beta distribution with this mean and variance."""
    largest = rate * (1 - rate)
    if not spread or not largest:
        return rate
    weight = largest / min(spread, _BETA * largest) - 1
    return chance.betavariate(rate * weight, (1 - rate) * weight)


@cache
def _decided(among: int, only_head: int, only_base: int, pairs: int) -> Change:
    return PairedTest(among, only_head, only_base, pairs).change


def false_worse(spreads: Sequence[Spread], gates: int, pairs: int, among: int, chance: random.Random) -> Counter[bool]:
    """Return how many simulated gates of `among` equal cells report "worse", and how many do not."""
    return Counter(
        any(simulated_change(chance.choice(spreads), pairs, among, 0.0, chance) is Change.WORSE for _ in range(among))
        for _ in range(gates)
    )


def power(spread: Spread, gates: int, pairs: int, among: int, chance: random.Random) -> float:
    """Return the share of simulated gates that find the difference `DIFFERENCE` of one of `among` cells."""
    changes = Counter(simulated_change(spread, pairs, among, DIFFERENCE, chance) for _ in range(gates))
    return changes[Change.WORSE] / gates


def spreads_in(gates: Sequence[Gate]) -> list[Spread]:
    """Return the spread of each measured cell, but for those with too few blocks of several pairs."""
    rows = [row.blocks for gate in gates for row in gate.rows]
    return [spread_of(blocks) for blocks in rows if sum(block[0] > 1 for block in blocks) > 1]


def pairs_within(gates: Sequence[Gate], seconds: float) -> int:
    """Return the pairs of one cell that fit into a budget, as fast as the measured gates were."""
    rows = [row for gate in gates for row in gate.rows if row.pairs]
    return round(seconds * sum(row.pairs for row in rows) / sum(row.seconds for row in rows))


def main() -> int:
    """Simulate gates and print the errors; 1 if there are more false "worse" than stated."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--gates", type=int, default=10_000, help="simulated gates (default: 10000)")
    parser.add_argument("--pairs", type=int, default=400, help="pairs of a cell at most (default: 400)")
    parser.add_argument("--among", type=int, default=20, help="cells of a gate (default: 20)")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--file", type=Path, default=FILE, help="measured gates")
    arguments = parser.parse_args()
    gates, chance = load_gates(arguments.file).gates, random.Random(arguments.seed)
    spreads = spreads_in(gates)
    if not spreads:
        raise PoolgateError(f"{arguments.file} has no blocks of several pairs: run `make chance-evidence` first")
    for spread in spreads:
        print("measured: failing {:.0%}, variance between blocks {:.4f} shared, {:.4f} of a side".format(*spread))
    middle = Spread(0.5, max(each.shared for each in spreads), max(each.alone for each in spreads))
    worse = false_worse([*spreads, middle], arguments.gates, arguments.pairs, arguments.among, chance)[True]
    print(f'{worse} of {arguments.gates} gates of {arguments.among} equal cells report "worse"')
    for budget in BUDGETS:
        pairs = pairs_within(gates, budget)
        seen, share = detectable(pairs, arguments.among), power(middle, 1000, pairs, arguments.among, chance)
        bound = "no difference is seen" if seen is None else f"differences below {seen} points are not seen"
        print(f"at {budget} s, {pairs} pairs of one cell: {bound}; {DIFFERENCE:.0%} more is found in {share:.0%}")
    return 1 if worse > FALSE_WORSE * arguments.gates else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except PoolgateError as error:
        sys.exit(str(error))

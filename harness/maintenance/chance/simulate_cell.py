"""Simulates the runs of one cell from the figures of measured blocks. Pure, apart from the random numbers.

The rates of both sides vary between blocks, together and each alone; the variances are those between the measured
blocks. The first is the common shock, which cancels within a pair. The second does not.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from functools import cache
from statistics import covariance, fmean, variance
from typing import NamedTuple

from ...measurement.paired import PAIRS
from ...verdict.compare import Change
from ...verdict.paired import PairedTest
from .record import Figures

_MOST = 0.95
"""The share of blocks whose runs all end alike, at most."""


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
        only_head, only_base = simulated_block(spread, block, difference, chance)
        heads, coins, done = heads + only_head, coins + only_base, done + block
        if (change := decided(among, heads, coins, done)) is not Change.UNKNOWN:
            return change
    return Change.UNKNOWN


def simulated_block(spread: Spread, pairs: int, difference: float, chance: random.Random) -> tuple[int, int]:
    """Return in how many pairs of a block only head fails, and only base; head fails more often by `difference`."""
    base, head = _rates(spread, difference, chance)
    runs = [(chance.random() < base, chance.random() < head) for _ in range(pairs)]
    return sum(head and not base for base, head in runs), sum(base and not head for base, head in runs)


def _rates(spread: Spread, difference: float, chance: random.Random) -> tuple[float, float]:
    """Return the rates of both sides in a block.

    In some blocks all runs end alike, on both sides by the same luck or on each by its own. How many blocks these are
    follows from the variances; the mean of each side stays as it is.
    """
    base, head = spread.rate - difference / 2, spread.rate + difference / 2
    if chance.random() < _share(spread.shared, spread.rate):
        luck = chance.random()
        base, head = float(luck < base), float(luck < head)
    alone = _share(spread.alone, spread.rate)
    sides = [float(chance.random() < rate) if chance.random() < alone else rate for rate in (base, head)]
    return sides[0], sides[1]


def _share(variance: float, rate: float) -> float:
    """Return the share of blocks whose runs all end alike, from the variance of the rate between blocks."""
    largest = rate * (1 - rate)
    return min(_MOST, variance / largest) if largest > 0 else 0.0


@cache
def decided(among: int, only_head: int, only_base: int, pairs: int) -> Change:
    return PairedTest(among, only_head, only_base, pairs).change

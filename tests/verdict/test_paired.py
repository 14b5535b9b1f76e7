"""Pairs of runs should decide with the stated errors, cancel a common shock, and name what they can't see."""

from __future__ import annotations

import random
from collections import Counter
from math import exp, log

import pytest

from poolgate.verdict.compare import FALSE_WORSE, Change
from poolgate.verdict.paired import PairedTest, coin_wealth, detectable


def decided(among: int, base: float, head: float, pairs: int, chance: random.Random, shock: float = 0.0) -> Change:
    """The decision of simulated pairs; each third pair begins a block, whose shock moves both rates."""
    test, moved = PairedTest(among), 0.0
    for n in range(pairs):
        moved = chance.uniform(-shock, shock) if n % 3 == 0 else moved
        test = test.after([(chance.random() < base + moved, chance.random() < head + moved)])
        if test.change is not Change.UNKNOWN:
            break
    return test.change


def test_the_counts() -> None:
    test = PairedTest().after([(True, False), (False, True), (False, True), (True, True), (False, False)])
    assert test == PairedTest(among=1, only_head=2, only_base=1, pairs=5)


@pytest.mark.parametrize(
    ("base", "head", "change"),
    [(False, True, Change.WORSE), (True, False, Change.BETTER), (True, True, Change.SAME), (False, False, Change.SAME)],
)
def test_runs_that_never_vary_decide_within_two_dozen_pairs(base: bool, head: bool, change: Change) -> None:
    assert PairedTest(20).after([(base, head)] * 24).change is change
    assert PairedTest(20).after([(base, head)] * 9).change is Change.UNKNOWN


def test_the_wealth_of_a_fair_coin_does_not_grow_on_average() -> None:
    """The mean over all sequences of a length is what keeps the error, however often one looks."""
    for coins in (1, 5, 12):
        ways = [(heads, _choose(coins, heads)) for heads in range(coins + 1)]
        mean = sum(count * exp(coin_wealth(heads, coins - heads)) for heads, count in ways) / 2**coins
        assert mean == pytest.approx(1.0)


def _choose(coins: int, heads: int) -> int:
    return 1 if heads in {0, coins} else _choose(coins - 1, heads - 1) + _choose(coins - 1, heads)


@pytest.mark.parametrize("shock", [0.0, 0.4])
def test_equal_rates_are_rarely_worse_whatever_moves_both(shock: float) -> None:
    """At most 1 in 200 for the whole set: here for a set of one cell, looked at after every pair."""
    chance = random.Random(7)
    changes = Counter(decided(1, 0.5, 0.5, 120, chance, shock) for _ in range(500))
    assert changes[Change.WORSE] <= 500 * FALSE_WORSE + 3


@pytest.mark.parametrize("shock", [0.0, 0.3])
def test_twenty_points_are_found_nine_times_in_ten(shock: float) -> None:
    chance = random.Random(3)
    changes = Counter(decided(20, 0.4, 0.6, 600, chance, shock) for _ in range(60))
    assert changes[Change.WORSE] >= 54


def test_more_pairs_detect_less_and_more_cells_need_more() -> None:
    seen = [detectable(pairs, 20) for pairs in (10, 30, 100, 400)]
    assert seen[0] is None
    assert seen[1:] == sorted(filter(None, seen[1:]), reverse=True)
    assert seen[3] is not None
    assert seen[3] <= 22
    assert (detectable(30, 1) or 0) < (detectable(30, 40) or 0)


def test_what_is_detectable_is_detected() -> None:
    chance, pairs = random.Random(5), 60
    points = detectable(pairs, 5)
    assert points is not None
    half = points / 200
    found = Counter(decided(5, 0.5 - half, 0.5 + half, pairs, chance) for _ in range(100))
    assert found[Change.WORSE] >= 85


def test_a_bound_is_divided_by_the_number_of_cells() -> None:
    heads = next(n for n in range(100) if coin_wealth(n, 0) >= log(1 / FALSE_WORSE))
    assert PairedTest(1, only_head=heads, pairs=heads).change is Change.WORSE
    assert PairedTest(40, only_head=heads, pairs=heads).change is Change.UNKNOWN

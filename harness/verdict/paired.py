"""Compares two targets by pairs of runs, one of each side under the same conditions, and stops as early as possible.

The order within a pair is random. If both sides fail alike, a pair in which just one run fails is therefore a fair
coin, whatever the machine does at that moment and whatever it did before: a common shock cancels, and needs no model
(R. A. Fisher, The Design of Experiments, 1935, section 21). Two tests run side by side, and both may be looked at after
every pair, because each is a wealth that no fair game increases on average (J. Ville, 1939): the chance that it ever
exceeds 1/a is below a.

- The wealth against "head fails no more often" bets on the coins. It is a mixture over several odds, as H. Robbins
  (Statistical Methods Related to the Law of the Iterated Logarithm, 1970) proposed; the same against "no less often".
- The wealth against "the rates differ by `MARGIN` or more" bets on the difference within each pair (I. Waudby-Smith and
  A. Ramdas, Estimating Means of Bounded Random Variables by Betting, 2024). If it is won, both sides are the same.

A set of scenarios has one false "worse" in `1 / FALSE_WORSE` comparisons of sets at most: the bound of one cell is that
of the set divided by the number of its cells (C. E. Bonferroni, 1936), which holds whatever they have in common.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cache
from math import exp, lgamma, log, log1p

from .compare import FALSE_WORSE, MARGIN, Change

FALSE_SAME = 0.05
"""The chance that a difference of `MARGIN` is called the same; with the pairs that a budget cuts off, at most 0.1."""
POWER = 0.9
"""The chance with which a detectable difference is detected."""
_ODDS = (0.6, 0.7, 0.8, 0.9, 0.99)
"""Shares of the coins that fall on one side, which the mixture bets on."""
_STAKES = (0.05, 0.1, 0.2, 0.4, 0.8, 1.2)
"""Shares of the wealth that are bet against a difference of `MARGIN`; below 1 / (1 - MARGIN)."""

_NEGLIGIBLE = 1e-6
"""The chance of a number of coins below which it is left out."""

Pair = tuple[bool, bool]
"""Whether the run of base fails, and the one of head."""


@dataclass(frozen=True, slots=True)
class PairedTest:
    """The counts of a comparison among `among` cells: pairs in which only head fails, only base, and all pairs.

    `false_same` is the chance that a difference of `MARGIN` is called the same.
    """

    among: int = 1
    only_head: int = 0
    only_base: int = 0
    pairs: int = 0
    false_same: float = FALSE_SAME

    def after(self, pairs: Iterable[Pair]) -> PairedTest:
        """Return the test with more pairs."""
        seen = list(pairs)
        return replace(
            self,
            only_head=self.only_head + sum(head and not base for base, head in seen),
            only_base=self.only_base + sum(base and not head for base, head in seen),
            pairs=self.pairs + len(seen),
        )

    @property
    def change(self) -> Change:
        """Return what the pairs decide; UNKNOWN while they decide nothing."""
        bound = log(self.among / FALSE_WORSE)
        if coin_wealth(self.only_head, self.only_base) >= bound:
            return Change.WORSE
        if coin_wealth(self.only_base, self.only_head) >= bound:
            return Change.BETTER
        equal = self.pairs - self.only_head - self.only_base
        alike = min(
            margin_wealth(self.only_head, self.only_base, equal), margin_wealth(self.only_base, self.only_head, equal)
        )
        return Change.SAME if alike >= log(1 / self.false_same) else Change.UNKNOWN


def coin_wealth(heads: int, tails: int) -> float:
    """Return the logarithm of the wealth of a bet that a coin falls on heads more often than not."""
    return _log_mean([heads * log(2 * share) + tails * log(2 * (1 - share)) for share in _ODDS])


def margin_wealth(more: int, less: int, equal: int) -> float:
    """Return the logarithm of the wealth of a bet that one side fails more often by less than `MARGIN`.

    The pairs are those in which just that side fails, just the other, and both or none.
    """
    return _log_mean(
        [
            more * log1p(-stake * (1 - MARGIN)) + less * log1p(stake * (1 + MARGIN)) + equal * log1p(stake * MARGIN)
            for stake in _STAKES
        ]
    )


@cache
def detectable(pairs: int, among: int) -> int | None:
    """Return the smallest difference, in points, that this many pairs detect with `POWER`; None if none.

    It is that of two rates on both sides of a half, whose pairs are the noisiest. Earlier stops are left out: they only
    detect more.
    """
    needed = _heads_needed(pairs, log(among / FALSE_WORSE))
    points = bisect_left(range(1, 101), POWER, key=lambda points: _power(pairs, points / 100, needed)) + 1
    return points if points <= 100 else None


def _heads_needed(most: int, bound: float) -> list[int]:
    """Return for each number of coins the heads from which the wealth reaches the bound; too many where none do."""
    return [_fewest_heads(coins, bound) for coins in range(most + 1)]


def _fewest_heads(coins: int, bound: float) -> int:
    return bisect_left(range(coins + 1), bound, key=lambda heads: coin_wealth(heads, coins - heads))


def _power(pairs: int, difference: float, needed: list[int]) -> float:
    """Return the chance that pairs of rates with this difference, symmetric to a half, win the bet."""
    more, less = ((1 + difference) / 2) ** 2, ((1 - difference) / 2) ** 2
    counts = ((coins, _binomial(pairs, coins, more + less)) for coins in range(pairs + 1))
    return sum(
        share * _binomial(coins, heads, more / (more + less))
        for coins, share in counts
        if share > _NEGLIGIBLE
        for heads in range(needed[coins], coins + 1)
    )


def _binomial(runs: int, hits: int, share: float) -> float:
    if share == 1.0:
        return float(hits == runs)
    ways = lgamma(runs + 1) - lgamma(hits + 1) - lgamma(runs - hits + 1)
    return exp(ways + hits * log(share) + (runs - hits) * log1p(-share))


def _log_mean(logs: list[float]) -> float:
    """Return the logarithm of the mean of values that are given by their logarithms."""
    largest = max(logs)
    return largest + log(sum(exp(each - largest) for each in logs) / len(logs))

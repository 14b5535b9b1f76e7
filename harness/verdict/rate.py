"""Rates with their confidence: the Wilson score interval, widened where blocks of runs vary more than chance does."""

from __future__ import annotations

from collections.abc import Sequence
from math import sqrt
from statistics import NormalDist

import msgspec

from .student import student

CONFIDENCE = 0.95

Blocks = Sequence[tuple[int, int]]
"""The failed runs and all runs of each block: runs under the same conditions, one block after another."""

ENOUGH_BLOCKS = 8
"""Blocks from which the variation between blocks is known well enough to compare two rates."""


class Rate(msgspec.Struct, frozen=True):
    """A rate of `failed` in `runs`, with the bounds of the 95% interval of the failure rate."""

    failed: int
    runs: int
    low: float
    high: float

    def __str__(self) -> str:
        return f"{self.failed} of {self.runs}, 95% interval {self.low:.0%} to {self.high:.0%}"


def rate_of(failed: int, runs: int) -> Rate:
    """Return the rate of k failures in n runs, n > 0, that are independent of each other (E. B. Wilson, 1927)."""
    return _rounded(failed, runs, wilson(failed / runs, runs, CONFIDENCE))


def rate_of_blocks(blocks: Blocks, confidence: float = CONFIDENCE) -> Rate:
    """Return the rate of all blocks, with an interval from the variation between blocks; never narrower than Wilson's.

    Runs of one block resemble each other, so they count for fewer independent ones. That effective number is the number
    of runs over the design effect (the variance between blocks over the one of independent runs, at least 1), times
    (z / t)^2 for the few degrees of freedom (E. L. Korn and B. I. Graubard, Confidence Intervals for Proportions with
    Small Expected Number of Positive Counts, 1998). The National Center for Health Statistics uses the same.
    """
    failed, runs = _totals(blocks)
    share = failed / runs
    plain = wilson(share, runs, confidence)
    if len(blocks) < 2:
        return _rounded(failed, runs, plain)
    few = (_normal(confidence) / student(confidence, len(blocks) - 1)) ** 2
    wide = wilson(share, runs * few / design_effect(blocks), confidence)
    return _rounded(failed, runs, (min(plain[0], wide[0]), max(plain[1], wide[1])))


def design_effect(blocks: Blocks) -> float:
    """Return how many times the variance of the rate between blocks exceeds that of independent runs; at least 1.

    The variance is that of a ratio of sums over blocks (W. G. Cochran, Sampling Techniques, 1977, section 6.4).
    """
    failed, runs = _totals(blocks)
    share = failed / runs
    independent = share * (1 - share) / runs
    if not independent or len(blocks) < 2:
        return 1.0
    residuals = sum((one - share * of) * (one - share * of) for one, of in blocks)
    return max(1.0, residuals * len(blocks) / (len(blocks) - 1) / (runs * runs) / independent)


def difference(base: Blocks, head: Blocks, confidence: float) -> tuple[float, float]:
    """Return the interval of the rate of head minus that of base, from the intervals of both.

    The bounds are recovered from the two intervals (R. G. Newcombe, Interval Estimation for the Difference Between
    Independent Proportions, 1998, method 10), which keeps them within -1 and 1.
    """
    before, after = (rate_of_blocks(blocks, confidence) for blocks in (base, head))
    one, other = before.failed / before.runs, after.failed / after.runs
    return (
        other - one - sqrt((other - after.low) ** 2 + (before.high - one) ** 2),
        other - one + sqrt((after.high - other) ** 2 + (one - before.low) ** 2),
    )


def wilson(share: float, runs: float, confidence: float) -> tuple[float, float]:
    """Return the interval of a failure rate from its share in this many independent runs."""
    z = _normal(confidence)
    spread = z * z / runs
    centre = (share + spread / 2) / (1 + spread)
    half = z * sqrt(share * (1 - share) / runs + spread / (4 * runs)) / (1 + spread)
    return max(0.0, centre - half), min(1.0, centre + half)


def _totals(blocks: Blocks) -> tuple[int, int]:
    return sum(failed for failed, _ in blocks), sum(runs for _, runs in blocks)


def _normal(confidence: float) -> float:
    return NormalDist().inv_cdf(0.5 + confidence / 2)


def _rounded(failed: int, runs: int, bounds: tuple[float, float]) -> Rate:
    return Rate(failed, runs, round(bounds[0], 4), round(bounds[1], 4))

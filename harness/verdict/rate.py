"""Rates with their confidence: the Wilson score interval."""

from __future__ import annotations

from math import sqrt
from statistics import NormalDist

import msgspec

CONFIDENCE = 0.95


class Rate(msgspec.Struct, frozen=True):
    """A rate of `failed` in `runs`, with the bounds of the 95% interval of the failure rate."""

    failed: int
    runs: int
    low: float
    high: float

    def __str__(self) -> str:
        return f"{self.failed} of {self.runs}, 95% interval {self.low:.0%} to {self.high:.0%}"


def rate_of(failed: int, runs: int) -> Rate:
    """Return the rate of k failures in n runs, n > 0 (E. B. Wilson, 1927)."""
    z = NormalDist().inv_cdf(0.5 + CONFIDENCE / 2)
    share, spread = failed / runs, z * z / runs
    centre = (share + spread / 2) / (1 + spread)
    half = z * sqrt(share * (1 - share) / runs + spread / (4 * runs)) / (1 + spread)
    return Rate(failed, runs, round(max(0.0, centre - half), 4), round(min(1.0, centre + half), 4))

"""Quantiles of Student's t distribution, for intervals from few blocks of runs."""

from __future__ import annotations

from bisect import bisect_left
from math import asin, cos, pi, sin, sqrt, tan

_PARTS = 2**53
"""Parts of the sine of an angle, as fine as a floating-point number."""


def student(confidence: float, free: int) -> float:
    """Return the t that |T| stays below with this probability, for `free` degrees of freedom, at least one.

    The angle of the finite series of Abramowitz and Stegun (Handbook of Mathematical Functions, 26.7.3 and 26.7.4) is
    found by halving.
    """
    part = bisect_left(range(_PARTS), confidence, key=lambda part: _within(_angle(part), free))
    return tan(_angle(part)) * sqrt(free)


def _angle(part: int) -> float:
    return asin(part / _PARTS)


def _within(angle: float, free: int) -> float:
    """Return the probability of |T| < tan(angle) * sqrt(free)."""
    odd = free % 2
    total, term = 0.0, cos(angle) ** odd
    for step in range(odd, free - 1, 2):
        total += term
        term *= (step + 1) / (step + 2) * cos(angle) ** 2
    return 2 / pi * (angle + sin(angle) * total) if odd else sin(angle) * total

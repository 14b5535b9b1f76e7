"""Quantiles of Student's t distribution, for intervals from few blocks of runs."""

from __future__ import annotations

from math import cos, pi, sin, sqrt, tan

_HALVINGS = 60
"""Halvings of an interval of angles, after which it is as narrow as a floating-point number."""


def student(confidence: float, free: int) -> float:
    """Return the t that |T| stays below with this probability, for `free` degrees of freedom, at least one.

    The angle of the finite series of Abramowitz and Stegun (Handbook of Mathematical Functions, 26.7.3 and 26.7.4) is
    found by halving.
    """
    low, high = 0.0, pi / 2
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        low, high = (middle, high) if _within(middle, free) < confidence else (low, middle)
    return tan(low) * sqrt(free)


def _within(angle: float, free: int) -> float:
    """Return the probability of |T| < tan(angle) * sqrt(free)."""
    odd = free % 2
    term = total = cos(angle) if odd else 1.0
    for step in range(2 + odd, free - 1, 2):
        term *= (step - 1) / step * cos(angle) ** 2
        total += term
    if odd:
        return 2 / pi * (angle + sin(angle) * total * (free > 1))
    return sin(angle) * total

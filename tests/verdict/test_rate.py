"""A rate should come with the interval that E. B. Wilson's formula gives, and never leave 0 to 1."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from poolgate.verdict.rate import Rate, rate_of

# Computed apart from the project, by bisection of |k/n - p| = z sqrt(p (1 - p) / n) for both ends p.
KNOWN = [
    (0, 1, 0.0, 0.7935),
    (1, 1, 0.2065, 1.0),
    (0, 10, 0.0, 0.2775),
    (10, 10, 0.7225, 1.0),
    (1, 2, 0.0945, 0.9055),
    (7, 24, 0.1491, 0.4917),
    (15, 50, 0.191, 0.4375),
    (81, 263, 0.2553, 0.3662),
]


@pytest.mark.parametrize(("failed", "runs", "low", "high"), KNOWN)
def test_known_intervals(failed: int, runs: int, low: float, high: float) -> None:
    assert rate_of(failed, runs) == Rate(failed, runs, low, high)


def test_a_rate_in_words() -> None:
    assert str(rate_of(7, 24)) == "7 of 24, 95% interval 15% to 49%"


@given(st.integers(1, 10_000).flatmap(lambda runs: st.tuples(st.integers(0, runs), st.just(runs))))
def test_the_interval_holds_the_rate_and_mirrors_the_passing_one(counts: tuple[int, int]) -> None:
    failed, runs = counts
    rate, passing = rate_of(failed, runs), rate_of(runs - failed, runs)
    assert 0.0 <= rate.low <= round(failed / runs, 4) <= rate.high <= 1.0
    assert rate.low < rate.high
    assert (rate.low, rate.high) == pytest.approx((1 - passing.high, 1 - passing.low), abs=1e-4)


@given(st.integers(1, 1000).flatmap(lambda runs: st.tuples(st.integers(0, runs), st.just(runs))))
def test_more_runs_at_the_same_rate_say_more(counts: tuple[int, int]) -> None:
    failed, runs = counts
    few, many = rate_of(failed, runs), rate_of(10 * failed, 10 * runs)
    assert many.high - many.low < few.high - few.low

"""A rate should come with the interval that E. B. Wilson's formula gives, and never leave 0 to 1."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from poolgate.verdict.rate import Rate, design_effect, difference, rate_of, rate_of_blocks
from poolgate.verdict.student import student

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


BLOCKS = st.lists(st.integers(1, 6).flatmap(lambda runs: st.tuples(st.integers(0, runs), st.just(runs))), min_size=2)

# From the tables of W. S. Gosset's distribution: two-sided confidence, degrees of freedom, t.
QUANTILES = [(0.95, 1, 12.706), (0.95, 2, 4.303), (0.95, 7, 2.365), (0.99, 14, 2.977), (0.95, 30, 2.042)]


@pytest.mark.parametrize(("confidence", "free", "t"), QUANTILES)
def test_a_quantile_of_student(confidence: float, free: int, t: float) -> None:
    assert student(confidence, free) == pytest.approx(t, abs=0.0005)


@given(BLOCKS)
def test_an_interval_from_blocks_is_never_narrower_than_that_of_independent_runs(blocks: list[tuple[int, int]]) -> None:
    rate = rate_of_blocks(blocks)
    plain = rate_of(rate.failed, rate.runs)
    assert rate.low <= plain.low
    assert rate.high >= plain.high


def test_blocks_that_differ_widen_the_interval() -> None:
    even, uneven = rate_of_blocks([(1, 3), (2, 3)] * 4), rate_of_blocks([(0, 3), (3, 3)] * 4)
    assert (even.failed, even.runs) == (uneven.failed, uneven.runs) == (12, 24)
    assert uneven.high - uneven.low > 1.3 * (even.high - even.low)
    assert design_effect([(0, 3), (3, 3)] * 4) == pytest.approx(24 / 7)
    assert design_effect([(1, 3)] * 8) == design_effect([(2, 3)]) == 1.0


@given(BLOCKS, BLOCKS)
def test_a_difference_mirrors_that_of_the_sides_swapped(
    base: list[tuple[int, int]], head: list[tuple[int, int]]
) -> None:
    low, high = difference(base, head, 0.95)
    assert -1.0001 <= low <= high <= 1.0001
    assert difference(head, base, 0.95) == pytest.approx((-high, -low))

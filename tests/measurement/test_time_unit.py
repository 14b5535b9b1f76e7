"""Runs start with the shortest unit that the machine bears."""

from __future__ import annotations

from poolgate.measurement.time_unit import LONGEST, SEEN, STEADY, AdaptiveUnit


def after(unit: AdaptiveUnit, late: list[bool]) -> int:
    """Return the doublings after first attempts in sequence."""
    for one in late:
        unit.learn(unit.doubled, one)
    return unit.doubled


def test_when_most_runs_are_late_the_next_start_with_twice_the_unit() -> None:
    assert after(AdaptiveUnit(), [False, True] * SEEN) == 0
    assert after(AdaptiveUnit(), [False, True, True] * 3) == 1
    assert after(AdaptiveUnit(), [True] * (SEEN // 2)) == 0
    assert after(AdaptiveUnit(), [True] * (SEEN // 2 + 1)) == 1


def test_the_unit_is_doubled_a_limited_number_of_times() -> None:
    assert after(AdaptiveUnit(), [True] * SEEN * 10) == LONGEST


def test_when_runs_are_in_time_again_the_unit_gets_shorter() -> None:
    unit = AdaptiveUnit()
    after(unit, [True] * SEEN)
    assert after(unit, [False] * (SEEN * STEADY - 4)) == 1
    assert after(unit, [False] * SEEN * STEADY) == 0
    assert after(unit, [False] * SEEN * STEADY) == 0


def test_a_run_that_started_with_another_unit_is_ignored() -> None:
    unit = AdaptiveUnit()
    for _ in range(SEEN * 2):
        unit.learn(0, late=True)
    assert unit.doubled == 1

"""Runs should begin with a unit that the machine bears, and with no longer one."""

from __future__ import annotations

from poolgate.measurement.time_unit import LONGEST, SEEN, STEADY, Stretch


def after(stretch: Stretch, late: list[bool]) -> int:
    """The doublings after first attempts that began one after another."""
    for one in late:
        stretch.learn(stretch.doubled, one)
    return stretch.doubled


def test_where_most_are_late_the_next_begin_with_twice_the_unit() -> None:
    assert after(Stretch(), [False, True] * SEEN) == 0
    assert after(Stretch(), [False, True, True] * 3) == 1
    assert after(Stretch(), [True] * (SEEN // 2)) == 0
    assert after(Stretch(), [True] * (SEEN // 2 + 1)) == 1


def test_there_is_an_end_to_it() -> None:
    assert after(Stretch(), [True] * SEEN * 10) == LONGEST


def test_a_machine_that_is_in_time_again_gets_the_shorter_one() -> None:
    stretch = Stretch()
    after(stretch, [True] * SEEN)
    assert after(stretch, [False] * (SEEN * STEADY - 4)) == 1
    assert after(stretch, [False] * SEEN * STEADY) == 0
    assert after(stretch, [False] * SEEN * STEADY) == 0


def test_who_began_before_it_changed_says_nothing() -> None:
    stretch = Stretch()
    for _ in range(SEEN * 2):
        stretch.learn(0, late=True)
    assert stretch.doubled == 1

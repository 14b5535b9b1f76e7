"""A run that was late should be tried again with more time, then with less company, and not for ever."""

from __future__ import annotations

from poolgate.measurement.retries import Attempts


def tried(attempts: Attempts, told: list[tuple[bool, bool]]) -> list[tuple[int, bool]]:
    """How each of the attempts was made that became of these words: late, busy."""
    made = []
    for late, busy in told:
        if not attempts.left:
            break
        made.append((attempts.doubled, attempts.alone))
        attempts.learn(late=late, busy=busy)
    return made


def test_who_is_late_on_an_idle_machine_gets_more_time_each_time() -> None:
    assert tried(Attempts(), [(True, False)] * 9) == [(n, False) for n in range(5)]


def test_who_is_late_in_a_crowd_goes_alone_and_as_fast_as_ever() -> None:
    beside, alone = [(0, False), (1, False), (2, False)], [(n, True) for n in range(5)]
    assert tried(Attempts(), [(True, True)] * 20) == beside + alone


def test_a_longer_unit_to_begin_with_leaves_the_same_way_out() -> None:
    assert tried(Attempts(2), [(True, True)] * 4) == [(2, False), (3, False), (4, False), (0, True)]
    assert tried(Attempts(2), [(True, False)] * 9) == [(2, False), (3, False), (4, False)]


def test_what_fails_twice_is_not_late() -> None:
    assert tried(Attempts(), [(False, False)] * 3) == [(0, False), (1, False)]
    assert tried(Attempts(), [(True, False), (False, False), (True, False), (False, True), (False, True)]) == [
        (0, False),
        (1, False),
        (2, False),
        (3, False),
    ]

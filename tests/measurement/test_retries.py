"""A late run is tried again with a longer unit, then without parallel runs, and a limited number of times."""

from __future__ import annotations

from poolgate.measurement.retries import RetryPolicy


def tried(attempts: RetryPolicy, ends: list[tuple[bool, bool]]) -> list[tuple[int, bool]]:
    """Return (doublings, exclusive) of each attempt, given how the attempts end: (late, busy)."""
    made = []
    for late, busy in ends:
        if not attempts.left:
            break
        made.append((attempts.doubled, attempts.exclusive))
        attempts.learn(late=late, busy=busy)
    return made


def test_a_late_run_on_an_idle_machine_gets_a_longer_unit_each_time() -> None:
    assert tried(RetryPolicy(), [(True, False)] * 9) == [(n, False) for n in range(5)]


def test_a_late_run_on_a_busy_machine_goes_alone_with_the_shortest_unit() -> None:
    shared, exclusive = [(0, False), (1, False), (2, False)], [(n, True) for n in range(5)]
    assert tried(RetryPolicy(), [(True, True)] * 20) == shared + exclusive


def test_a_longer_first_unit_has_the_same_limits() -> None:
    assert tried(RetryPolicy(2), [(True, True)] * 4) == [(2, False), (3, False), (4, False), (0, True)]
    assert tried(RetryPolicy(2), [(True, False)] * 9) == [(2, False), (3, False), (4, False)]


def test_a_run_that_fails_twice_without_being_late_is_not_tried_again() -> None:
    assert tried(RetryPolicy(), [(False, False)] * 3) == [(0, False), (1, False)]
    assert tried(RetryPolicy(), [(True, False), (False, False), (True, False), (False, True), (False, True)]) == [
        (0, False),
        (1, False),
        (2, False),
        (3, False),
    ]

"""The cost of contention follows from recorded numbers alone, and only where it is certain."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest
from support.histories import Event, history_of, load_of, run

from poolgate.protocol.history import HistoryError, check
from poolgate.scenarios.declaration.scenario import Load, Request
from poolgate.verdict.contention import contention_of, slope
from poolgate.verdict.judge import judge
from poolgate.verdict.words import Status

LADDER = [250, 500, 1000, 2000, 4000]
ALONE = 0.0005
"""Seconds of processor time of one request that is alone."""
LOAD: Load = load_of(2, Request("after", hold=0.5, pool_timeout=2.0), deadline=600.0)._replace(ladder=LADDER)
Each = Callable[[int, int], float]
"""Seconds that a request costs in a burst of so many, in this pass."""


def records(each: Each, ladder: Sequence[int] = LADDER, passes: int = 3, outcomes: str = "ok") -> list[Event]:
    """A run whose bursts cost so much."""
    costs = []
    for n in range(passes):
        for place, tasks in enumerate([1, *ladder]):
            requests = 250 if tasks == 1 else tasks
            cpu = requests * (ALONE if tasks == 1 else each(tasks, n))
            data = {
                "phase": "burst",
                "tasks": tasks,
                "requests": requests,
                "cpu": cpu,
                "outcomes": {outcomes: requests},
            }
            costs.append(Event(0.01 + 0.01 * n + 0.0001 * place, "worker", "cost", None, data))
    return [*run(LOAD), *costs]


def flat(tasks: int, n: int) -> float:
    return ALONE * (1 + 0.02 * n)


def rising(tasks: int, n: int) -> float:
    """Each request looks twice at all that wait, 2 microseconds each."""
    return ALONE * (1 + 0.02 * n) + tasks * 2e-6


def wild(tasks: int, n: int) -> float:
    """A machine on which the cost is uncertain."""
    return ALONE * (1, 4, 0.5)[(n + tasks // 250) % 3]


@pytest.mark.parametrize(
    ("each", "status", "key"),
    [
        (flat, Status.PASS, "completes/serves"),
        (rising, Status.FAIL, "super-linear/serves"),
        (wild, Status.UNKNOWN, None),
    ],
)
def test_the_growth_decides_where_it_is_beyond_doubt(each: Each, status: Status, key: str | None) -> None:
    judged = judge(history_of(records(each)))
    assert (judged.status, judged.key) == (status, key), judged.reason
    assert judged.late is (status is Status.UNKNOWN)


def test_the_exponent_is_that_of_the_whole_burst() -> None:
    judged = judge(history_of(records(lambda tasks, n: tasks * 1e-5)))
    assert judged.cost is not None
    assert (judged.cost.exponent, judged.cost.low, judged.cost.high, judged.cost.ratio) == (2.0, 2.0, 2.0, 80.0)
    assert "from 250 to 4000 tasks with the exponent 2 (95% interval 2 to 2)" in str(judged.cost)


def test_a_burst_that_costs_more_from_the_first_is_not_growth() -> None:
    """Nearly twice as much as alone, and as much whatever its size."""
    bursts = contention_of(history_of(records(lambda tasks, n: 1.8 * ALONE * (1 + 0.02 * n))))
    assert bursts is not None
    assert bursts.super_linear is False


def test_growth_is_more_than_a_burst_that_costs_a_part_of_one_alone_more() -> None:
    """As was met on httpcore 0.16.2, whose neighbours are flat."""
    costs = {250: 1.0, 500: 1.0, 1000: 1.1, 2000: 1.3, 4000: 1.9}
    bursts = contention_of(history_of(records(lambda tasks, n: ALONE * costs[tasks])))
    assert bursts is not None
    assert bursts.cost is not None
    assert (bursts.cost.low > 1.0, bursts.super_linear) == (True, None)


def test_what_costs_much_more_than_alone_is_not_called_flat() -> None:
    """As was met on httpx 0.27.0 with httpcore 1.0.9: 2.4 times the cost of one alone, and a slope that hides it."""
    judged = judge(history_of(records(lambda tasks, n: 2.4 * ALONE * (1 + 0.02 * n))))
    assert (judged.status, judged.late) == (Status.UNKNOWN, True)


def test_a_little_growth_is_noted_and_does_not_change_the_verdict() -> None:
    """More runs would not make more of it: what is not beyond doubt is none."""
    judged = judge(history_of(records(lambda tasks, n: ALONE * (1.3 if tasks == 4000 else 1.1 if tasks > 1 else 1.0))))
    assert (judged.status, judged.key) == (Status.PASS, "completes/serves")
    assert judged.cost is not None
    assert (judged.cost.ratio, judged.cost.exponent) == (1.3, 1.0)


def test_two_bursts_are_too_few() -> None:
    """An interval without an end is none, and no ledger could keep it: the second burst may have been the last."""
    bursts = contention_of(history_of(records(flat, ladder=[250, 500], passes=1)))
    assert bursts is not None
    assert (bursts.cost, bursts.super_linear) == (None, None)


def test_one_burst_that_the_host_held_up_is_not_growth() -> None:
    """As was met on httpcore 0.17.0: a last burst of 1.7 times the cost, and an exponent that does not show it."""
    judged = judge(history_of(records(lambda tasks, n: ALONE * (1.55 if tasks == 4000 else 1.2 if tasks > 1 else 1.0))))
    assert judged.key == "completes/serves"


def test_small_bursts_that_are_flat_say_nothing_yet() -> None:
    judged = judge(history_of(records(flat, ladder=[250, 500])))
    assert (judged.status, judged.late) == (Status.UNKNOWN, True)
    assert "too uncertain to judge; run fewer cells in parallel" in str(judged.reason)


@pytest.mark.parametrize(("error", "key"), [("PoolTimeout", "pool-timeout"), ("ReadError", "error")])
def test_no_request_in_a_burst_may_fail(error: str, key: str) -> None:
    assert judge(history_of(records(flat, outcomes=error))).key == f"{key}/serves/{error}"


def test_a_loop_that_is_late_during_a_burst_is_not_a_slow_machine() -> None:
    stalled = Event(0.3, "worker", "stalled", None, {"late": 1.0, "gap": 1.0, "cpu": 0.1})
    assert judge(history_of([*records(flat), stalled])).status is Status.PASS


def test_a_worker_that_records_nonsense_is_not_judged() -> None:
    data = {"phase": "burst", "tasks": 0, "requests": 1, "cpu": 1.0, "outcomes": {}}
    history = history_of([*run(LOAD), Event(0.01, "worker", "cost", None, data)])
    with pytest.raises(HistoryError, match="'cost', can't be read"):
        check(history)


def test_two_points_have_a_slope_and_no_certainty() -> None:
    assert slope([(0.0, 0.0), (1.0, 2.0)]) == (2.0, float("inf"))

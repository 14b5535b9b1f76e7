"""A request, or a worker, that never comes back hangs; one that ends by a signal crashes."""

from __future__ import annotations

import pytest
from support.histories import Deed, Event, exited, history_of, load_of, run, until
from support.judged import CUTTING, RACED, SERVING, closing, key, verdict

from poolgate.scenarios.declaration.scenario import Request
from poolgate.verdict.judge import judge
from poolgate.verdict.judgement import Slots
from poolgate.verdict.words import Burst, Status


def test_hangs() -> None:
    judgement = verdict(SERVING, {"d": Deed("hangs", 0.0, 1.0)})
    assert (judgement.status, judgement.key) == (Status.FAIL, "hangs/serves")
    assert judgement.outcomes == {"hangs": 1, "ok": 3}


def test_hangs_where_pool_timeout_is_due() -> None:
    assert key(CUTTING, {"c": Deed("hangs", 0.0)}) == "hangs/serves"


def test_an_end_after_the_deadline_is_too_late() -> None:
    late = {"d": Deed("error", 0.0, None, SERVING.deadline + 0.5, {"error": "ReadError"})}
    records = run(SERVING, late)
    records += [Event(SERVING.deadline, "worker", "deadline", None, {"phase": "burst"})]
    assert judge(history_of(records)).key == "hangs/serves"


def test_a_request_that_a_cut_off_load_never_started_hangs() -> None:
    records = run(SERVING, {"d": Deed("hangs", 0.0)})
    records = [event for event in records if event.request != "d"]
    assert judge(history_of(records)).key == "hangs/serves"


def test_closing_that_never_comes_back_hangs() -> None:
    assert judge(history_of(closing("closing"))).key == "hangs/serves"
    assert judge(history_of(closing("closing", "closed", "closing"))).key == "hangs/serves"


def test_a_client_that_deadlocks_hangs_and_has_no_slot_left() -> None:
    """It kept the worker from its end: that is a verdict, and what could not be counted counts as gone."""
    judgement = judge(history_of(until(run(SERVING), 0.5, exited(60.0, "deadline", -9))))
    assert (judgement.status, judgement.key) == (Status.FAIL, "hangs/dead")
    assert judgement.slots == Slots(2, 0, 0)
    assert judgement.notes == ("the worker never came back: slots that could not be counted are counted as gone",)


@pytest.mark.parametrize(("gap", "key"), [(9.4, "hangs/dead"), (9.6, None)])
def test_no_machine_that_is_a_little_late_makes_a_client_stand_still(gap: float, key: str | None) -> None:
    """It would have cut its load off, and had as long again for that: a machine has to be late by as much."""
    stall = Event(0.4, "server", "stalled", None, {"late": 0.0, "gap": gap * 0.1, "cpu": 0.0})
    stuck = until(run(SERVING), 0.5, exited(60.0, "deadline", -9))
    assert judge(history_of([*stuck, stall])).key == key


@pytest.mark.parametrize(("code", "name"), [(-11, "SIGSEGV"), (-6, "SIGABRT")])
def test_a_client_that_takes_its_interpreter_along_crashes(code: int, name: str) -> None:
    """Threads in a library that bears none may end it: what a correct pool never does, whenever it happens."""
    for at in (0.5, 99.0):
        records = [event for event in run(SERVING) if event.kind not in {"done", "exited"}]
        judgement = judge(history_of(until(records, at, exited(100.0, "exited", code))))
        assert (judgement.status, judgement.burst) == (Status.FAIL, Burst.CRASHES)
        slots = "slots that could not be counted are counted as gone"
        assert judgement.notes == (f"the interpreter ended by {name}: {slots}",)
        assert judgement.key == ("crashes/dead" if at < 1 else "crashes/serves")


def test_a_client_that_deadlocks_between_two_requests_hangs_too() -> None:
    row = load_of(2, SERVING.requests[0], Request(id="b", hold=1.0, pool_timeout=2.0, at=0.5, after="a"))
    judgement = judge(history_of(until(run(row), 1.0, exited(60.0, "deadline", -9))))
    assert (judgement.key, judgement.outcomes) == ("hangs/dead", {"ok": 1})


def test_who_races_may_not_hang() -> None:
    assert key(RACED, {"a": Deed("hangs", 0.0, 0.0, None)}) == "hangs/serves"

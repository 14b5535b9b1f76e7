"""Why there is no verdict: a late machine, a worker that did not finish, a client without the API."""

from __future__ import annotations

import pytest
from support.histories import Deed, Event, exited, history_of, load_of, run, until
from support.judged import BLOCKED, JUST_SERVED, SERVING, TIMED_OUT, key, reason

from poolgate.scenarios.declaration.scenario import Request
from poolgate.verdict.judge import judge
from poolgate.verdict.judgement import Judgement
from poolgate.verdict.words import Status


def test_unsupported() -> None:
    records = until(run(SERVING), -2, None)
    records += [Event(-1, "worker", "unsupported", None, {"reason": "httpx 0.1: no Limits"}), exited(0.0)]
    assert judge(history_of(records)) == Judgement(status=Status.UNSUPPORTED, reason="httpx 0.1: no Limits")


STALLS = {
    "the server was late": Event(1.2, "server", "stalled", None, {"late": 0.04, "gap": 0.06, "cpu": 0.0}),
    "the worker was late with the processor idle": Event(
        1.2, "worker", "stalled", None, {"late": 0.06, "gap": 0.085, "cpu": 0.06}
    ),
    # What came due early in the gap was late by more than half a unit, though the beat was not.
    "the worker's beat was less late": Event(1.2, "worker", "stalled", None, {"late": 0.03, "gap": 0.055, "cpu": 0.0}),
}


@pytest.mark.parametrize("stall", STALLS.values(), ids=STALLS)
def test_a_late_machine_is_not_judged(stall: Event) -> None:
    judgement = judge(history_of([*run(SERVING), stall]))
    assert (judgement.status, judgement.late) == (Status.UNKNOWN, True)
    assert str(judgement.reason).startswith("the machine was late by ")


@pytest.mark.parametrize(("held", "status"), [(1.4, Status.PASS), (1.6, Status.UNKNOWN)])
def test_a_server_that_holds_too_long_is_not_judged(held: float, status: Status) -> None:
    judgement = judge(history_of(run(SERVING, {"d": Deed("ok", 0.0, 1.0, 1.0 + held)})))
    assert (judgement.status, judgement.late) == (status, status is Status.UNKNOWN)


def test_a_little_lateness_is_judged() -> None:
    stalls = [
        Event(1.2, "server", "stalled", None, {"late": 0.025, "gap": 0.045, "cpu": 0.0}),
        Event(1.2, "worker", "stalled", None, {"late": 0.02, "gap": 0.045, "cpu": 0.0}),
    ]
    assert judge(history_of([*run(SERVING), *stalls])).key == "completes/serves"


SLOW = {"a": Deed("ok", 0.0, 0.0, 1.3), "b": Deed("ok", 0.0, 1.3, 2.6)}


def test_lateness_that_adds_up_is_not_taken_for_a_bad_pool() -> None:
    """Each lease is late by less than is allowed; together they make a correct pool refuse the third."""
    records = history_of(run(JUST_SERVED, {**SLOW, "c": Deed("pool-timeout", 0.0, None, 2.5, TIMED_OUT)}))
    judgement = judge(records)
    assert (judgement.status, judgement.late) == (Status.UNKNOWN, True)
    assert str(judgement.reason).startswith(
        "small delays added up (planned timing: pool-timeout; observed timing: back-pressure)"
    )


def test_slots_that_are_handed_on_a_little_late_add_up_too() -> None:
    changes = {
        "a": Deed("ok", 0.0, 0.3, 1.3),
        "b": Deed("ok", 0.0, 1.6, 2.6),
        "c": Deed("pool-timeout", 0.0, None, 2.5, TIMED_OUT),
    }
    assert str(judge(history_of(run(JUST_SERVED, changes))).reason).startswith("small delays added up")


def test_lateness_that_adds_up_excuses_only_what_it_explains() -> None:
    """The wait of the third would have been long enough even so."""
    patient = [request._replace(pool_timeout=3.5) for request in JUST_SERVED.requests]
    changes = {**SLOW, "c": Deed("pool-timeout", 0.0, None, 3.5, TIMED_OUT)}
    assert key(load_of(1, *patient), changes) == "pool-timeout/serves/PoolTimeout"


def test_a_slot_that_is_handed_on_late_is_not_slowness() -> None:
    """It lay free for 0.7 units each time: that is the pool's own, and is not excused."""
    changes = {
        "b": Deed("ok", 0.0, 1.7, 2.7),
        "c": Deed("pool-timeout", 0.0, None, 2.5, TIMED_OUT),
    }
    assert key(JUST_SERVED, changes) == "pool-timeout/serves/PoolTimeout"


def test_a_load_that_is_too_slow_for_its_deadline_does_not_hang() -> None:
    tight = load_of(1, *[request._replace(pool_timeout=9.0) for request in JUST_SERVED.requests], deadline=3.5)
    changes = {**SLOW, "c": Deed("hangs", 0.0, 2.6)}
    assert str(judge(history_of(run(tight, changes))).reason).startswith(
        "small delays added up (planned timing: hangs;"
    )


def test_starts_that_come_late_are_slowness_too() -> None:
    """`b` starts 0.4 late after each end; the wait of `c` begins as planned and can't be long enough."""
    chained = load_of(
        1,
        Request(id="a", hold=1.0, pool_timeout=9.0),
        Request(id="b", hold=1.0, pool_timeout=9.0, at=0.5, after="a"),
        Request(id="c", hold=1.0, pool_timeout=1.0, at=2.0),
        deadline=9.5,
    )
    changes = {"b": Deed("ok", 1.9, 1.9, 3.3), "c": Deed("pool-timeout", 2.0, None, 3.0, TIMED_OUT)}
    assert str(judge(history_of(run(chained, changes))).reason).startswith("small delays added up")


def test_what_a_client_brings_upon_itself_is_not_excused() -> None:
    records = [*run(JUST_SERVED, {**SLOW, "c": Deed("pool-timeout", 0.0, None, 2.5, TIMED_OUT)}), BLOCKED]
    assert judge(history_of(records)).key == "pool-timeout/serves/PoolTimeout"


ENDS = [
    (0.5, exited(2.0, "exited", -9), "the worker was killed by signal 9"),
    (-1.0, exited(-0.5, "exited", -11), "the worker was killed by signal 11"),
    (0.5, exited(2.0, "exited", 3, "warning\nfatal\n"), "the worker ended with exit code 3: fatal"),
    (0.5, exited(2.0, "flooded", -9), "the worker recorded more than a history may hold"),
    (0.5, exited(2.0, "garbled", -9, "not JSON"), "the worker's history can't be read: not JSON"),
    (99.0, exited(99.0, "garbled", -9, "not JSON"), "the worker's history can't be read: not JSON"),
    (-2.0, exited(-1.5, "deadline", -9), "the worker never became ready"),
    (-1.0, exited(-0.5, "deadline", -9), "the worker never became ready"),
    (0.5, None, "the history has no end: the run was cut off"),
]


@pytest.mark.parametrize(("at", "end", "expected"), ENDS)
def test_a_worker_that_did_not_come_to_its_end(at: float, end: Event | None, expected: str) -> None:
    records = [event for event in run(SERVING) if event.kind != "exited"]
    assert reason(until(records, at, end)) == expected


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("Traceback:\nValueError: no\n", "the worker failed: ValueError: no"),
        ("", "the worker failed: without a reason"),
    ],
)
def test_a_worker_that_failed_says_how(said: str, expected: str) -> None:
    records = until(run(SERVING), 0.5, Event(0.6, "worker", "failure", None, {"reason": said}))
    assert reason([*records, exited(1.0, code=70)]) == expected


def test_a_late_machine_excuses_a_load_that_was_cut_off() -> None:
    """The worker itself came that far: what hung in it may have been late alone."""
    records = [*run(SERVING, {"c": Deed("hangs", 0.0)}), STALLS["the server was late"]]
    cut = [event for event in records if event.at <= 9.5]
    judgement = judge(history_of([*cut, exited(60.0, "deadline", -9)]))
    assert (judgement.status, judgement.late) == (Status.UNKNOWN, True)

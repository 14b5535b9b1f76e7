"""The judge should say of a run what became of its pool, or why nobody can say: every word and every reason, by hand.

Runs are told in units by `histories`; a run without changes is that of a correct pool.
"""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import Any

import msgspec
import pytest
from histories import Deed, Telling, exited, history_of, load_of, plan_for, run, until
from hypothesis import given, settings
from hypothesis import strategies as st

from poolgate.protocol.history import History, Record, dump, load, merge
from poolgate.scenarios.worker.declaration import Load, Request
from poolgate.verdict.judge import judge
from poolgate.verdict.judgement import Judgement, Slots
from poolgate.verdict.words import MEANING, TABLE, After, Burst, Status, key_of

# Two slots, two rounds of a unit each.
SERVING = load_of(2, *[Request(id=name, hold=1.0, pool_timeout=3.5) for name in "abcd"])
# One slot; `c` has to give up at 1.5, half a unit from where slots come free.
CUTTING = load_of(
    1,
    Request(id="a", hold=1.0, pool_timeout=9.0),
    Request(id="b", hold=1.0, pool_timeout=9.0),
    Request(id="c", hold=1.0, pool_timeout=1.5),
)
# One slot; the third is served half a unit before its wait runs out.
JUST_SERVED = load_of(1, *[Request(id=name, hold=1.0, pool_timeout=2.5) for name in "abc"])
TIMED_OUT = {"error": "PoolTimeout"}


def verdict(load: Load, changes: dict[str, Deed] | None = None, **options: Any) -> Judgement:
    judgement = judge(history_of(run(load, changes, **options)))
    assert judgement.reason is None
    return judgement


def key(load: Load, changes: dict[str, Deed] | None = None, **options: Any) -> str | None:
    return verdict(load, changes, **options).key


def reason(tellings: list[Telling]) -> str | None:
    """Why there is no verdict."""
    judgement = judge(history_of(tellings))
    assert judgement.status is Status.UNKNOWN
    assert (judgement.burst, judgement.after, judgement.key, judgement.slots) == (None, None, None, None)
    return judgement.reason


def test_a_correct_pool_passes() -> None:
    assert verdict(SERVING) == Judgement(
        status=Status.PASS,
        burst=Burst.COMPLETES,
        after=After.SERVES,
        key="completes/serves",
        slots=Slots(limit=2, usable_first=2, usable_final=2),
        outcomes={"ok": 4},
        expected={"ok": 4},
    )


# One slot; `a` holds it and `b` waits for it when both are cancelled at 1, `c` comes at 2.
CANCELLING = load_of(
    1,
    *[Request(id=name, hold=4.0, pool_timeout=9.0, cancelled=1.0) for name in "ab"],
    Request(id="c", hold=1.0, pool_timeout=3.0, at=2.0),
)


def test_a_cancellation_that_was_asked_for_passes() -> None:
    judgement = verdict(CANCELLING)
    assert (judgement.status, judgement.key) == (Status.PASS, "completes/serves")
    assert judgement.outcomes == judgement.expected == {"cancelled": 2, "ok": 1}


def test_a_cancellation_that_nobody_asked_for_is_an_error() -> None:
    changes = {"b": Deed("cancelled", 0.0, 0.0, 0.5, {"error": "CancelledError"})}
    assert key(SERVING, changes) == "error/serves/CancelledError"


def test_a_cancellation_that_was_swallowed_is_an_error() -> None:
    changes = {"a": Deed("ok", 0.0, 0.0, 1.2), "c": Deed("ok", 2.0, 2.1, 3.1)}
    assert key(CANCELLING, changes) == "error/serves"


def test_a_slot_lost_to_a_cancellation_is_pool_timeout_where_a_correct_pool_serves() -> None:
    changes = {"c": Deed("pool-timeout", 2.0, None, 5.0, TIMED_OUT)}
    assert key(CANCELLING, changes, first=[], final=[]) == "pool-timeout/dead/PoolTimeout"


def test_pool_timeout_instead_of_a_cancellation_is_none_that_was_due() -> None:
    changes = {"b": Deed("pool-timeout", 0.0, None, 1.0, TIMED_OUT)}
    assert key(CANCELLING, changes) == "pool-timeout/serves/PoolTimeout"


def test_a_pool_that_refuses_to_be_closed_is_noted() -> None:
    """Some say so once they have lost a slot; it is no reason to judge nothing."""
    told = run(SERVING)
    told.insert(-2, Telling(told[-2].at, "worker", "close-failed", None, {"error": "RuntimeError"}))
    judgement = judge(history_of(told))
    assert (judgement.key, judgement.notes) == ("completes/serves", ("closing the client raised RuntimeError",))


def test_honest_back_pressure_passes() -> None:
    judgement = verdict(CUTTING)
    assert (judgement.status, judgement.key) == (Status.PASS, "back-pressure/serves/PoolTimeout")
    assert judgement.outcomes == judgement.expected == {"ok": 2, "pool-timeout": 1}


# What happens under load


def test_hangs() -> None:
    judgement = verdict(SERVING, {"d": Deed("hangs", 0.0, 1.0)})
    assert (judgement.status, judgement.key) == (Status.FAIL, "hangs/serves")
    assert judgement.outcomes == {"hangs": 1, "ok": 3}


def test_hangs_where_pool_timeout_is_due() -> None:
    assert key(CUTTING, {"c": Deed("hangs", 0.0)}) == "hangs/serves"


def test_an_end_after_the_deadline_is_too_late() -> None:
    late = {"d": Deed("error", 0.0, None, SERVING.deadline + 0.5, {"error": "ReadError"})}
    told = run(SERVING, late)
    told += [Telling(SERVING.deadline, "worker", "deadline", None, {"phase": "burst"})]
    assert judge(history_of(told)).key == "hangs/serves"


def test_a_request_that_a_cut_off_load_never_started_hangs() -> None:
    told = run(SERVING, {"d": Deed("hangs", 0.0)})
    told = [telling for telling in told if telling.request != "d"]
    assert judge(history_of(told)).key == "hangs/serves"


def test_over_limit() -> None:
    changes = {name: Deed("ok", 0.0, 0.1, 1.1) for name in "abcd"}
    assert key(SERVING, changes) == "over-limit/serves"


@pytest.mark.parametrize(("noticed", "expected"), [(1.3, "error/serves/ReadError"), (1.9, "over-limit/serves")])
def test_a_server_may_notice_late_that_a_client_went_away(noticed: float, expected: str) -> None:
    """The slot of `a` is free at 1.0 and given to `c`; until the server has noticed it sees one request too many."""
    gone = Telling(noticed, "server", "departed", "a", {"phase": "burst", "how": "disconnected"})
    told = run(SERVING, {"a": Deed("error", 0.0, 0.0, 1.0, {"error": "ReadError"}), "c": Deed("ok", 0.0, 1.1, 2.1)})
    told = [gone if (telling.kind, telling.request) == ("departed", "a") else telling for telling in told]
    assert judge(history_of(told)).key == expected


def test_error_has_its_class_in_the_key() -> None:
    changes = {"c": Deed("error", 0.0, 1.0, 1.1, {"error": "ReadError"})}
    judgement = verdict(SERVING, changes)
    assert (judgement.status, judgement.key) == (Status.FAIL, "error/serves/ReadError")
    assert judgement.outcomes == {"error": 1, "ok": 3}


FAILING = load_of(1, Request(id="a", hold=1.0, pool_timeout=9.0, expected="error"), *SERVING.requests[1:])
RAN_OUT = load_of(1, Request(id="a", hold=3.0, pool_timeout=9.0, read_timeout=1.0), *SERVING.requests[1:])


@pytest.mark.parametrize("load", [FAILING, RAN_OUT])
def test_an_error_that_is_due_is_no_defect(load: Load) -> None:
    assert key(load) == "completes/serves"
    assert verdict(load).outcomes == verdict(load).expected == {"error": 1, "ok": 3}


@pytest.mark.parametrize("load", [FAILING, RAN_OUT])
def test_an_error_that_comes_a_little_early_or_late_is_still_due(load: Load) -> None:
    for ended in (0.9, 1.2):
        assert verdict(load, {"a": Deed("error", 0.0, 0.0, ended, {"error": "ReadError"})}).key == "completes/serves"


@pytest.mark.parametrize(
    ("chain", "message", "expected"),
    [
        (["builtins.ValueError", "httpcore.PoolTimeout"], "list.remove(x): x not in list", "error/serves/ValueError"),
        (["builtins.AssertionError"], "", "error/serves/AssertionError"),
        (["builtins.RuntimeError"], "", "error/serves/RuntimeError"),
        (["builtins.RuntimeError"], "the client is closed", "completes/serves"),
        (["builtins.ConnectionResetError"], "[Errno 104]", "completes/serves"),
        (["builtins.EOFError"], "", "completes/serves"),
        (["ssl.SSLError"], "wrong version number", "completes/serves"),
        (["httpx.ReadError", "builtins.IndexError"], "", "completes/serves"),
        (["somebody.ValueError"], "", "completes/serves"),
        ([], "", "completes/serves"),
    ],
)
def test_a_mistake_of_the_client_is_not_the_error_that_was_due(chain: list[str], message: str, expected: str) -> None:
    raised = {"error": expected.rpartition("/")[2], "chain": chain, "message": message}
    assert key(FAILING, {"a": Deed("error", 0.0, 0.0, 1.0, raised)}) == expected


def test_who_is_served_where_an_error_was_due_is_noted() -> None:
    """It found a way around, a second connection perhaps, and lost nothing."""
    told = verdict(FAILING, {"a": Deed("ok", 0.0, 0.0, 1.0)})
    assert (told.key, told.notes) == ("completes/serves", ("1 served where an error was due",))


def test_pool_timeout_where_another_error_was_due_is_one_too_many() -> None:
    assert key(FAILING, {"a": Deed("pool-timeout", 0.0, None, 0.5, TIMED_OUT)}) == "pool-timeout/serves/PoolTimeout"


def test_what_a_failed_handshake_says_is_noted() -> None:
    """And only that: what other errors say may name a port, and is another each time."""
    a, *rest = FAILING.requests
    data = {"error": "ConnectError", "message": "self-signed certificate"}
    for door, notes in (("untrusted", ("said ConnectError: self-signed certificate",)), ("plain", ())):
        load = load_of(1, a._replace(door=door), *rest)
        assert verdict(load, {"a": Deed("error", 0.0, 0.0, 1.0, data)}).notes == notes


def test_requests_that_share_a_connection_are_one_in_flight() -> None:
    """Over HTTP/2, to one origin: four at once on one slot; to two origins they are one too many."""
    one = [Request(id=name, hold=1.0, pool_timeout=3.5, door="h2") for name in "abcd"]
    shared = load_of(1, *one)._replace(http2=True)
    assert key(shared) == "completes/serves"
    other = load_of(1, *one[:3], one[3]._replace(door="h2#1"))._replace(http2=True)
    assert key(other, {"d": Deed("ok", 0.0, 0.0, 1.0)}) == "over-limit/serves"


def test_requests_beyond_the_streams_of_a_connection_are_on_another() -> None:
    """Three at once where a connection carries two are one connection too many, whatever the client thinks."""
    one = [Request(id=name, hold=1.0, pool_timeout=3.5, door="h2?streams=2") for name in "abc"]
    load = load_of(1, *one)._replace(http2=True)
    assert load.counted_at == ["h2?streams=2"] * 2
    assert key(load, {name: Deed("ok", 0.0, 0.0, 1.0) for name in "abc"}) == "over-limit/serves"


def test_streams_are_counted_where_the_door_tells_them() -> None:
    one = Request(id="a", hold=1.0, pool_timeout=3.5, door="h2?streams=2")
    load = load_of(2, one)._replace(http2=True)
    assert load.counted_at == ["h2?streams=2", "h2?streams=2", "h2#1?streams=2", "h2#1?streams=2"]
    judged = verdict(load, final=[0.05] * 3)
    assert (judged.key, judged.slots) == ("completes/leaks", Slots(4, 4, 3))


def test_several_classes_are_joined() -> None:
    errors = {"b": (0.0, "ReadError"), "c": (1.0, "ConnectError"), "d": (1.0, "ReadError")}
    changes = {name: Deed("error", 0.0, at, at + 1.0, {"error": error}) for name, (at, error) in errors.items()}
    assert key(SERVING, changes) == "error/serves/ConnectError+ReadError"


def test_pool_timeout_where_a_correct_pool_serves() -> None:
    changes = {"d": Deed("pool-timeout", 0.0, None, 3.5, TIMED_OUT)}
    assert key(SERVING, changes) == "pool-timeout/serves/PoolTimeout"


@pytest.mark.parametrize(
    ("ended", "expected"),
    [
        (0.9, "pool-timeout/serves/PoolTimeout"),
        (1.1, "back-pressure/serves/PoolTimeout"),
        (1.9, "back-pressure/serves/PoolTimeout"),
        (2.1, "missing-timeout/serves/PoolTimeout"),
    ],
)
def test_pool_timeout_is_due_within_half_a_unit(ended: float, expected: str) -> None:
    assert key(CUTTING, {"c": Deed("pool-timeout", 0.0, None, ended, TIMED_OUT)}) == expected


def test_a_wait_counts_from_its_own_start() -> None:
    a, b, c = CUTTING.requests
    load = load_of(1, a, b._replace(hold=2.0), c)
    assert key(load, {"c": Deed("pool-timeout", 0.6, None, 2.1, TIMED_OUT)}) == "back-pressure/serves/PoolTimeout"


def test_missing_timeout_where_it_is_served() -> None:
    assert key(CUTTING, {"c": Deed("ok", 0.0, 2.0, 3.0)}) == "missing-timeout/serves"


# One after another: one connection carries both, and one may stay open.
FRUGAL = load_of(
    1, Request(id="a", hold=1.0, pool_timeout=3.0), Request(id="b", hold=1.0, pool_timeout=3.0, at=0.5, after="a")
)._replace(connections=1, kept=1)
ANEW = {
    "a": Deed("ok", 0.0, 0.0, 1.0, client="127.0.0.1:5001"),
    "b": Deed("ok", 1.5, 1.5, 2.5, client="127.0.0.1:5002"),
}


def test_connections_that_are_enough_pass() -> None:
    assert verdict(FRUGAL, open=1) == verdict(FRUGAL._replace(connections=None, kept=None), ANEW, open=2)
    assert verdict(FRUGAL._replace(connections=2), ANEW, open=1).key == "completes/serves"


def test_churns() -> None:
    judgement = verdict(FRUGAL, ANEW, open=1)
    assert (judgement.status, judgement.key) == (Status.FAIL, "churns/serves")
    assert judgement.notes == ("connections opened beyond what a correct pool needs: 1",)


def test_over_kept() -> None:
    judgement = verdict(FRUGAL, open=2)
    assert (judgement.status, judgement.key) == (Status.FAIL, "over-kept/serves")
    assert judgement.notes == ("connections left open beyond what the pool may keep: 1",)


TURNS = [(2.0, 2.0, 2.1, "after"), (2.0, 2.1, 2.1, None), (2.0, 2.0, 1.8, None), (1.5, 1.8, 1.7, "before")]


@pytest.mark.parametrize(("at", "came", "ended", "told"), TURNS)
def test_connections_are_not_counted_in_another_order(at: float, came: float, ended: float, told: str | None) -> None:
    """Nobody is late by half a unit; but whoever comes before another ends finds no idle connection."""
    requests = (Request(id=name, hold=1.7, pool_timeout=3.0, at=begin) for name, begin in (("a", 0.0), ("b", at)))
    changes = {
        "a": Deed("ok", 0.0, 0.3, ended, client="127.0.0.1:5001"),
        "b": Deed("ok", came, came, came + 1.7, client="127.0.0.1:5002"),
    }
    judgement = judge(history_of(run(load_of(2, *requests)._replace(connections=1), changes)))
    assert (judgement.late, judgement.key) == ((True, None) if told else (False, "churns/serves"))
    if told:
        assert str(judgement.reason).startswith(f"slowness added up: a ended {told} b came, which is another order")


def test_sockets_that_nobody_could_count_are_no_reason_to_pass() -> None:
    assert reason(run(FRUGAL, open=None)) == "nobody could count the worker's sockets"
    assert judge(history_of(run(FRUGAL, open=None))).late
    assert verdict(FRUGAL._replace(kept=None), open=None).key == "completes/serves"


def closing(*kinds: str) -> list[Telling]:
    """A client is closed in the middle of the load."""
    data = {"phase": "burst", "error": "RuntimeError"}
    return [*run(SERVING), *(Telling(1.5 + n / 10, "worker", kind, None, data) for n, kind in enumerate(kinds))]


def test_closing_that_raises_is_an_error() -> None:
    assert judge(history_of(closing("closing", "close-failed"))).key == "error/serves/RuntimeError"
    assert judge(history_of(closing("closing", "closed"))).key == "completes/serves"


def test_closing_that_never_comes_back_hangs() -> None:
    assert judge(history_of(closing("closing"))).key == "hangs/serves"
    assert judge(history_of(closing("closing", "closed", "closing"))).key == "hangs/serves"


# One request for each fault; on a correct pool the first four are served in turn and the fifth gives up.
FAULTY = load_of(
    1,
    *[Request(id=name, hold=1.0, pool_timeout=6.5) for name in ("hangs", "early", "fails", "refused")],
    Request(id="kept", hold=1.0, pool_timeout=1.5),
    Request(id="fresh", hold=0.5, pool_timeout=1.5, at=5.5),
)._replace(connections=1, kept=1)
FAULTS = {
    Burst.HANGS: {"hangs": Deed("hangs", 0.0)},
    Burst.OVER_LIMIT: {"early": Deed("ok", 0.0, 0.1, 1.1), "refused": Deed("ok", 0.0, 2.1, 3.1)},
    Burst.ERROR: {"fails": Deed("error", 0.0, 2.0, 3.0, {"error": "ReadError"})},
    Burst.POOL_TIMEOUT: {"refused": Deed("pool-timeout", 0.0, None, 6.5, TIMED_OUT)},
    Burst.MISSING_TIMEOUT: {"kept": Deed("ok", 0.0, 4.0, 5.0)},
    Burst.CHURNS: {"fresh": Deed("ok", 5.5, 5.5, 6.0, client="127.0.0.1:5002")},
    Burst.OVER_KEPT: {},
}


@pytest.mark.parametrize("count", range(1, len(FAULTS) + 1))
def test_of_several_faults_the_first_word_wins(count: int) -> None:
    for chosen in itertools.combinations(FAULTS, count):
        changes = {name: deed for fault in chosen for name, deed in FAULTS[fault].items()}
        told = run(FAULTY, changes, open=2 if Burst.OVER_KEPT in chosen else 1)
        if Burst.OVER_LIMIT in chosen:
            told += both_in_flight()
        assert judge(history_of(told)).burst is chosen[0], chosen


def both_in_flight() -> list[Telling]:
    """Two requests that the plan does not know, together at a server with one slot: whatever else happens."""
    phase = {"phase": "burst"}
    came = [Telling(7.0, "server", "arrived", name, {**phase, "asked": 1.0}) for name in "xy"]
    return came + [Telling(8.0, "server", "departed", name, {**phase, "how": "sent"}) for name in "xy"]


# What is left afterwards


@pytest.mark.parametrize(
    ("first", "final", "after", "usable"),
    [
        ([0.1, 0.9], [0.1, 0.2], After.SERVES, (2, 2)),
        ([0.1, 0.9], [0.1, 3.9], After.SERVES, (2, 2)),
        # A slot that came back while it was counted was not there half a unit after the load.
        ([0.1, 1.1], [0.1, 0.2], After.LATE, (1, 2)),
        ([0.1, 4.5], [0.1, 0.2], After.LATE, (1, 2)),
        ([], [0.1, 0.2], After.LATE, (0, 2)),
        ([0.1], [0.1], After.LEAKS, (1, 1)),
        ([0.1, 0.1], [0.1], After.LEAKS, (2, 1)),
        ([0.1], [0.1, 4.5], After.LEAKS, (1, 1)),
        ([0.1, 0.1], [], After.DEAD, (2, 0)),
        ([], [], After.DEAD, (0, 0)),
    ],
)
def test_slots(first: list[float], final: list[float], after: After, usable: tuple[int, int]) -> None:
    judgement = verdict(SERVING, first=first, final=final)
    assert (judgement.after, judgement.key) == (after, f"completes/{after}")
    assert judgement.slots == Slots(2, *usable)
    assert judgement.status is (Status.PASS if after is After.SERVES else Status.FAIL)


def test_both_axes_are_in_the_key() -> None:
    changes = {"d": Deed("pool-timeout", 0.0, None, 3.5, TIMED_OUT)}
    assert key(SERVING, changes, first=[], final=[]) == "pool-timeout/dead/PoolTimeout"


PUBLISHED = """
crashes serves fail
crashes late fail
crashes leaks fail
crashes dead fail
hangs serves fail
hangs late fail
hangs leaks fail
hangs dead fail
over-limit serves fail
over-limit late fail
over-limit leaks fail
over-limit dead fail
error serves fail
error late fail
error leaks fail
error dead fail
pool-timeout serves fail
pool-timeout late fail
pool-timeout leaks fail
pool-timeout dead fail
missing-timeout serves fail
missing-timeout late fail
missing-timeout leaks fail
missing-timeout dead fail
churns serves fail
churns late fail
churns leaks fail
churns dead fail
over-kept serves fail
over-kept late fail
over-kept leaks fail
over-kept dead fail
super-linear serves fail
super-linear late fail
super-linear leaks fail
super-linear dead fail
back-pressure serves pass
back-pressure late fail
back-pressure leaks fail
back-pressure dead fail
completes serves pass
completes late fail
completes leaks fail
completes dead fail
"""


def test_the_published_table() -> None:
    told = [f"{burst} {after} {status}" for (burst, after), status in TABLE.items()]
    assert told == PUBLISHED.split("\n")[1:-1]


def test_every_word_has_a_meaning() -> None:
    assert list(MEANING) == [*Burst, *After, *Status]
    assert key_of(Burst.ERROR, After.LEAKS, None) == "error/leaks"


# Why there is no verdict


def test_unsupported() -> None:
    told = until(run(SERVING), -2, None)
    told += [Telling(-1, "worker", "unsupported", None, {"reason": "httpx 0.1: no Limits"}), exited(0.0)]
    assert judge(history_of(told)) == Judgement(status=Status.UNSUPPORTED, reason="httpx 0.1: no Limits")


STALLS = {
    "the server was late": Telling(1.2, "server", "stalled", None, {"late": 0.04, "gap": 0.06, "cpu": 0.0}),
    "the worker was late with the processor idle": Telling(
        1.2, "worker", "stalled", None, {"late": 0.06, "gap": 0.085, "cpu": 0.06}
    ),
    # What came due early in the gap was late by more than half a unit, though the beat was not.
    "the worker's beat was less late": Telling(
        1.2, "worker", "stalled", None, {"late": 0.03, "gap": 0.055, "cpu": 0.0}
    ),
}


@pytest.mark.parametrize("stall", STALLS.values(), ids=STALLS)
def test_a_late_machine_is_not_judged(stall: Telling) -> None:
    judgement = judge(history_of([*run(SERVING), stall]))
    assert (judgement.status, judgement.late) == (Status.UNKNOWN, True)
    assert str(judgement.reason).startswith("the machine was late by ")


@pytest.mark.parametrize(("held", "status"), [(1.4, Status.PASS), (1.6, Status.UNKNOWN)])
def test_a_server_that_holds_too_long_is_not_judged(held: float, status: Status) -> None:
    judgement = judge(history_of(run(SERVING, {"d": Deed("ok", 0.0, 1.0, 1.0 + held)})))
    assert (judgement.status, judgement.late) == (status, status is Status.UNKNOWN)


def test_a_little_lateness_is_judged() -> None:
    stalls = [
        Telling(1.2, "server", "stalled", None, {"late": 0.025, "gap": 0.045, "cpu": 0.0}),
        Telling(1.2, "worker", "stalled", None, {"late": 0.02, "gap": 0.045, "cpu": 0.0}),
    ]
    assert judge(history_of([*run(SERVING), *stalls])).key == "completes/serves"


SLOW = {"a": Deed("ok", 0.0, 0.0, 1.3), "b": Deed("ok", 0.0, 1.3, 2.6)}


def test_lateness_that_adds_up_is_not_taken_for_a_bad_pool() -> None:
    """Each lease is late by less than is allowed; together they make a correct pool refuse the third."""
    told = history_of(run(JUST_SERVED, {**SLOW, "c": Deed("pool-timeout", 0.0, None, 2.5, TIMED_OUT)}))
    judgement = judge(told)
    assert (judgement.status, judgement.late) == (Status.UNKNOWN, True)
    assert str(judgement.reason).startswith("slowness added up: pool-timeout as planned, back-pressure at the pace")


def test_slots_that_are_handed_on_a_little_late_add_up_too() -> None:
    changes = {
        "a": Deed("ok", 0.0, 0.3, 1.3),
        "b": Deed("ok", 0.0, 1.6, 2.6),
        "c": Deed("pool-timeout", 0.0, None, 2.5, TIMED_OUT),
    }
    assert str(judge(history_of(run(JUST_SERVED, changes))).reason).startswith("slowness added up")


def test_lateness_that_adds_up_excuses_only_what_it_explains() -> None:
    """The wait of the third would have been long enough even so."""
    patient = [request._replace(pool_timeout=3.5) for request in JUST_SERVED.requests]
    changes = {**SLOW, "c": Deed("pool-timeout", 0.0, None, 3.5, TIMED_OUT)}
    assert key(load_of(1, *patient), changes) == "pool-timeout/serves/PoolTimeout"


def test_a_slot_that_is_handed_on_late_is_no_slowness() -> None:
    """It lay free for 0.7 units each time: that is the pool's own, and is not excused."""
    changes = {
        "b": Deed("ok", 0.0, 1.7, 2.7),
        "c": Deed("pool-timeout", 0.0, None, 2.5, TIMED_OUT),
    }
    assert key(JUST_SERVED, changes) == "pool-timeout/serves/PoolTimeout"


def test_a_load_that_is_too_slow_for_its_deadline_does_not_hang() -> None:
    tight = load_of(1, *[request._replace(pool_timeout=9.0) for request in JUST_SERVED.requests], deadline=3.5)
    changes = {**SLOW, "c": Deed("hangs", 0.0, 2.6)}
    assert str(judge(history_of(run(tight, changes))).reason).startswith("slowness added up: hangs as planned")


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
    assert str(judge(history_of(run(chained, changes))).reason).startswith("slowness added up")


BLOCKED = Telling(0.6, "worker", "stalled", None, {"late": 0.2, "gap": 0.225, "cpu": 0.2})


def test_a_client_that_blocks_its_loop_is_a_finding() -> None:
    judgement = judge(history_of([*run(SERVING), BLOCKED]))
    assert (judgement.status, judgement.key) == (Status.PASS, "completes/serves")
    assert judgement.notes == ("the client blocked its own event loop",)


def test_what_a_client_brings_upon_itself_is_not_excused() -> None:
    told = [*run(JUST_SERVED, {**SLOW, "c": Deed("pool-timeout", 0.0, None, 2.5, TIMED_OUT)}), BLOCKED]
    assert judge(history_of(told)).key == "pool-timeout/serves/PoolTimeout"


ENDS = [
    (0.5, exited(2.0, "exited", -9), "the worker was killed by signal 9"),
    (-1.0, exited(-0.5, "exited", -11), "the worker was killed by signal 11"),
    (0.5, exited(2.0, "exited", 3, "warning\nfatal\n"), "the worker ended with exit code 3: fatal"),
    (0.5, exited(2.0, "flooded", -9), "the worker told more than a history may hold"),
    (0.5, exited(2.0, "garbled", -9, "not JSON"), "the worker's history can't be read: not JSON"),
    (99.0, exited(99.0, "garbled", -9, "not JSON"), "the worker's history can't be read: not JSON"),
    (-2.0, exited(-1.5, "deadline", -9), "the worker never became ready"),
    (-1.0, exited(-0.5, "deadline", -9), "the worker never became ready"),
    (0.5, None, "the history has no end: the run was cut off"),
]


@pytest.mark.parametrize(("at", "end", "expected"), ENDS)
def test_a_worker_that_did_not_come_to_its_end(at: float, end: Telling | None, expected: str) -> None:
    told = [telling for telling in run(SERVING) if telling.kind != "exited"]
    assert reason(until(told, at, end)) == expected


@pytest.mark.parametrize(
    ("said", "expected"),
    [("Traceback:\nValueError: no\n", "the worker failed: ValueError: no"), ("", "the worker failed: without a word")],
)
def test_a_worker_that_failed_says_how(said: str, expected: str) -> None:
    told = until(run(SERVING), 0.5, Telling(0.6, "worker", "failure", None, {"reason": said}))
    assert reason([*told, exited(1.0, code=70)]) == expected


def test_a_client_that_deadlocks_hangs_and_has_no_slot_left() -> None:
    """It kept the worker from its end: that is a verdict, and what could not be counted counts as gone."""
    judgement = judge(history_of(until(run(SERVING), 0.5, exited(60.0, "deadline", -9))))
    assert (judgement.status, judgement.key) == (Status.FAIL, "hangs/dead")
    assert judgement.slots == Slots(2, 0, 0)
    assert judgement.notes == ("the worker never came back: slots that could not be counted are counted as gone",)


@pytest.mark.parametrize(("gap", "key"), [(9.4, "hangs/dead"), (9.6, None)])
def test_no_machine_that_is_a_little_late_makes_a_client_stand_still(gap: float, key: str | None) -> None:
    """It would have cut its load off, and had as long again for that: a machine has to be late by as much."""
    stall = Telling(0.4, "server", "stalled", None, {"late": 0.0, "gap": gap * 0.1, "cpu": 0.0})
    stuck = until(run(SERVING), 0.5, exited(60.0, "deadline", -9))
    assert judge(history_of([*stuck, stall])).key == key


def test_a_late_machine_excuses_a_load_that_was_cut_off() -> None:
    """The worker itself came that far: what hung in it may have been late alone."""
    told = [*run(SERVING, {"c": Deed("hangs", 0.0)}), STALLS["the server was late"]]
    cut = [telling for telling in told if telling.at <= 9.5]
    judgement = judge(history_of([*cut, exited(60.0, "deadline", -9)]))
    assert (judgement.status, judgement.late) == (Status.UNKNOWN, True)


@pytest.mark.parametrize(("code", "name"), [(-11, "SIGSEGV"), (-6, "SIGABRT")])
def test_a_client_that_takes_its_interpreter_along_crashes(code: int, name: str) -> None:
    """Threads in a library that bears none may end it: what a correct pool never does, whenever it happens."""
    for at in (0.5, 99.0):
        told = [telling for telling in run(SERVING) if telling.kind not in {"done", "exited"}]
        judgement = judge(history_of(until(told, at, exited(100.0, "exited", code))))
        assert (judgement.status, judgement.burst) == (Status.FAIL, Burst.CRASHES)
        slots = "slots that could not be counted are counted as gone"
        assert judgement.notes == (f"the interpreter ended by {name}: {slots}",)
        assert judgement.key == ("crashes/dead" if at < 1 else "crashes/serves")


def test_a_client_that_deadlocks_between_two_requests_hangs_too() -> None:
    row = load_of(2, SERVING.requests[0], Request(id="b", hold=1.0, pool_timeout=2.0, at=0.5, after="a"))
    judgement = judge(history_of(until(run(row), 1.0, exited(60.0, "deadline", -9))))
    assert (judgement.key, judgement.outcomes) == ("hangs/dead", {"ok": 1})


# What is noted beside a verdict


def test_served_out_of_order_is_noted() -> None:
    changes = {"a": Deed("ok", 0.0, 1.0, 2.0), "c": Deed("ok", 0.0, 0.0, 1.0)}
    judgement = verdict(SERVING, changes)
    assert (judgement.key, judgement.notes) == ("completes/serves", ("served out of order",))


@pytest.mark.parametrize(("arrived", "noted"), [(1.4, False), (1.6, True)])
def test_an_idle_slot_is_noted(arrived: float, noted: bool) -> None:
    judgement = verdict(SERVING, {"d": Deed("ok", 0.0, arrived, arrived + 1.0)})
    expected = ("a slot was free for more than half a unit while requests waited",)
    assert (judgement.key, judgement.notes) == ("completes/serves", expected if noted else ())


def test_a_slot_that_is_idle_to_the_end_is_noted() -> None:
    """Also where the request that waits for it can't even be cancelled."""
    told = run(JUST_SERVED, {"c": Deed("hangs", 0.0)})
    told = [telling for telling in told if (telling.kind, telling.request) != ("ended", "c")]
    judgement = judge(history_of(told))
    assert judgement.key == "hangs/serves"
    assert judgement.notes == ("a slot was free for more than half a unit while requests waited",)


def test_a_slot_is_not_idle_while_somebody_connects_in_vain() -> None:
    """The server does not see who holds it."""
    failing = load_of(1, Request(id="a", hold=1.0, pool_timeout=9.0, expected="error"), SERVING.requests[1])
    judgement = verdict(failing, {"a": Deed("error", 0.0, None, 1.0, {"error": "ConnectTimeout"})})
    assert (judgement.key, judgement.notes) == ("completes/serves", ())


def test_where_it_was_raised_is_noted() -> None:
    data = {"error": "ReadError", "site": ["httpx:get", "httpcore:read"]}
    judgement = verdict(SERVING, {"c": Deed("error", 0.0, 1.0, 1.1, data), "d": Deed("error", 0.0, 1.0, 1.1, data)})
    assert judgement.notes == ("raised in httpcore:read",)


# A history that can't have been


def changed(which: str, of: str | None = None, **fields: Any) -> list[Telling]:
    """A good run in which the first record of this kind and request has other fields."""
    told = run(SERVING)
    place = next(n for n, telling in enumerate(told) if (telling.kind, telling.request) == (which, of))
    told[place] = told[place]._replace(**fields)
    return told


BURST = {"phase": "burst"}
LIES = [
    (changed("started", "a", request="z"), "the worker tells of requests that are not in the plan"),
    (changed("started", "a", request=None), "the worker tells of requests that are not in the plan"),
    (
        [*run(SERVING), Telling(0.1, "worker", "started", "a", BURST)],
        "the worker tells of a request that started or ended twice, or ended before it started",
    ),
    (
        [*run(SERVING, {"d": Deed("hangs", 0.0)}), Telling(9.8, "worker", "started", "d", BURST)],
        "the worker tells of a request that started or ended twice, or ended before it started",
    ),
    (
        changed("ended", "a", kind="started", data=BURST),
        "the worker tells of a request that started or ended twice, or ended before it started",
    ),
    (
        [*run(SERVING), Telling(0.1, "worker", "ended", "a", {**BURST, "outcome": "ok"})],
        "the worker tells of a request that started or ended twice, or ended before it started",
    ),
    (
        changed("started", "a", at=1.05),
        "the worker tells of a request that started or ended twice, or ended before it started",
    ),
    (
        changed("arrived", "a", request="z"),
        "the worker says that a request was served which had not reached the server",
    ),
    (changed("arrived", "a", at=1.05), "the worker says that a request was served which had not reached the server"),
    (changed("ended", "a", kind="hello"), "the worker says that it is done, but not all of its plan was run"),
    (
        [telling for telling in run(SERVING) if telling.request != "a"],
        "the worker says that it is done, but not all of its plan was run",
    ),
    (
        [telling for telling in run(SERVING) if telling.data.get("phase") != "final"],
        "the worker says that it is done, but not all of its plan was run",
    ),
    (changed("phase-start", data={}), "record 1 of the worker, 'phase-start', can't be read: "),
    (changed("ended", "a", data={**BURST, "outcome": "fine"}), "record 6 of the worker, 'ended', can't be read: "),
    (changed("ended", "a", data={**BURST, "outcome": 7}), "record 6 of the worker, 'ended', can't be read: "),
    (
        changed("ended", "a", data={**BURST, "outcome": "error", "error": "a/b+<script>"}),
        "record 6 of the worker, 'ended', can't be read: ",
    ),
    (
        [*run(SERVING), Telling(1.2, "worker", "stalled", None, {"late": "long", "gap": 1.0, "cpu": 0.0})],
        "record 8 of the worker, 'stalled', can't be read: ",
    ),
    (changed("arrived", "a", source="worker"), "record 3 of the worker, 'arrived', is not its to tell"),
    (changed("exited", source="worker"), "record 16 of the worker, 'exited', is not its to tell"),
    ([telling for telling in run(SERVING) if telling.kind != "plan"], "the history has no plan that can be judged: "),
]


@pytest.mark.parametrize(("told", "expected"), LIES)
def test_a_lie_is_not_judged(told: list[Telling], expected: str) -> None:
    assert str(reason(told)).startswith(expected)


def renumbered(n: int, **fields: Any) -> History:
    records = list(history_of(run(SERVING)).records)
    records[n] = msgspec.structs.replace(records[n], **fields)
    return merge(records)


@pytest.mark.parametrize("fields", [{"t": -1}, {"seq": -1}, {"seq": 5}, {"seq": 99}, {"t": 10**30}])
def test_records_out_of_order_are_not_judged(fields: dict[str, int]) -> None:
    """`started` of the last request: a time that its neighbours don't allow, a number that is another's or nobody's."""
    told = renumbered(6, **fields)
    assert judge(told).reason == "the worker's records are not whole and in the order of their times"


def test_a_worker_cannot_speak_for_the_server() -> None:
    """It may well claim to: the numbers of the two then don't fit together."""
    forged = Record(seq=0, t=0, source="server", kind="opened", data={"phase": "first", "together": 2})
    told = merge([*history_of(run(SERVING, first=[], final=[])).records, forged])
    assert judge(told).reason == "the server's records are not whole and in the order of their times"


@pytest.mark.parametrize(
    "fields",
    [{"load": {}}, {"load": {"requests": [{"id": "a"}]}}, {"unit": "short"}, {"version": 2}, {"load": None}],
)
def test_a_plan_that_cannot_be_judged(fields: dict[str, Any]) -> None:
    plan = {**msgspec.to_builtins(plan_for(SERVING)), **fields}
    assert str(reason(changed("plan", data=plan))).startswith("the history has no plan that can be judged: ")


def test_no_history_at_all() -> None:
    assert judge(History(())).status is Status.UNKNOWN


# Of every history

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=4,
)
KINDS = sorted({telling.kind for telling in run(SERVING)} | {"unsupported", "failure", "stalled", "deadline"})
WORDS = st.sampled_from(["phase", "outcome", "error", "site", "asked", "how", "together", "late", "gap", "cpu", "code"])
GOOD = tuple(
    history_of(told)
    for told in (
        run(SERVING),
        run(CUTTING, {"c": Deed("hangs", 0.0)}),
        run(SERVING, {"c": Deed("error", 0.0, 1.0, 1.1, {"error": "ReadError", "site": ["a:b"]})}, final=[0.1]),
        until(run(SERVING), 0.5, exited(60.0, "deadline", -9)),
        [*run(SERVING), BLOCKED],
    )
)


def fields_of(record: Record) -> dict[str, st.SearchStrategy[Any]]:
    """What may stand in a record's place, by field."""
    return {
        "t": st.integers(-(10**12), 10**12),
        "seq": st.integers(-1, 30),
        "source": st.sampled_from(["worker", "server", "harness"]),
        "kind": st.sampled_from(KINDS),
        "request": st.none() | st.sampled_from("abcdz"),
        "data": st.builds(lambda word, value: {**record.data, word: value}, WORDS, JSON)
        | st.dictionaries(WORDS, JSON, max_size=3),
    }


@st.composite
def odd_histories(draw: st.DrawFn) -> History:
    """Good histories in which some records are missing, twice, another's, at another time or of another shape."""
    records = list(draw(st.sampled_from(GOOD)).records)
    for _ in range(draw(st.integers(1, 3))):
        n = draw(st.integers(0, len(records) - 1))
        other = fields_of(records[n])
        match draw(st.sampled_from([*other, "twice", "missing"])):
            case "twice":
                records.append(records[n])
            case "missing":
                del records[n]
            case field:
                records[n] = msgspec.structs.replace(records[n], **{field: draw(other[field])})
    return merge(records)


@given(odd_histories())
@settings(max_examples=500)
def test_an_odd_history_is_judged_or_said_not_to_be(told: History) -> None:
    """Never an exception, and never half a verdict."""
    judgement = judge(told)
    assert (judgement.key is None) == (judgement.reason is not None)
    assert (judgement.status in {Status.PASS, Status.FAIL}) == (judgement.key is not None)


@pytest.mark.parametrize("told", GOOD)
def test_judging_changes_nothing_and_comes_to_the_same_again(told: History, tmp_path: Path) -> None:
    before = dump(told)
    judgement = judge(told)
    assert judge(told) == judgement
    assert dump(told) == before
    path = tmp_path / "history.jsonl"
    path.write_bytes(before)
    assert judge(load(path)) == judgement


@pytest.mark.parametrize("told", [run(SERVING), run(CUTTING, {"c": Deed("hangs", 0.0)})])
def test_kinds_that_nobody_knows_are_ignored(told: list[Telling]) -> None:
    more = [Telling(0.3, source, "weather", "a", {"phase": "burst"}) for source in ("worker", "server", "harness")]
    assert judge(history_of([*told, *more])) == judge(history_of(told))


RACED = load_of(1, Request(id="a", hold=1.0, pool_timeout=3.5, cancelled=1.0, raced=True))


@pytest.mark.parametrize(
    "deed",
    [
        Deed("ok", 0.0, 0.0, 1.0),
        Deed("cancelled", 0.0, 0.0, 1.0),
        Deed("pool-timeout", 0.0, None, 1.0, TIMED_OUT),
        Deed("error", 0.0, 0.0, 1.0, {"error": "ReadTimeout"}),
    ],
)
def test_who_races_may_end_in_any_of_the_ways(deed: Deed) -> None:
    assert key(RACED, {"a": deed}) == "completes/serves"


def test_who_races_meets_no_other_error() -> None:
    assert key(RACED, {"a": Deed("error", 0.0, 0.0, 1.0, {"error": "ValueError"})}) == "error/serves/ValueError"


def test_who_races_may_not_hang() -> None:
    assert key(RACED, {"a": Deed("hangs", 0.0, 0.0, None)}) == "hangs/serves"


LENDING = load_of(
    2, Request(id="lent", hold=1.0, pool_timeout=3.5, ending="drop"), Request(id="b", hold=1.0, pool_timeout=3.5)
)
ONE = [0.05]
BOTH = [0.05, 0.05]


@pytest.mark.parametrize(
    ("counted", "after", "notes"),
    [
        (ONE, After.SERVES, ()),
        (BOTH, After.SERVES, ("1 of 1 slots of responses that were never closed came back by themselves",)),
        ([], After.DEAD, ()),
    ],
)
def test_a_slot_that_was_never_given_back_is_not_lost(
    counted: list[float], after: After, notes: tuple[str, ...]
) -> None:
    found = verdict(LENDING, first=counted, final=counted)
    assert (found.after, found.notes) == (after, notes)

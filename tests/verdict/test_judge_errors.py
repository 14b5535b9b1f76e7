"""Errors and cancellations: those that are due pass, all others are in the key by their class."""

from __future__ import annotations

import pytest
from support.histories import Deed, history_of, load_of
from support.judged import CANCELLING, FAILING, RACED, SERVING, TIMED_OUT, closing, key, verdict

from poolgate.scenarios.declaration.scenario import Load, Request
from poolgate.verdict.judge import judge
from poolgate.verdict.words import Status


def test_a_cancellation_that_was_asked_for_passes() -> None:
    judgement = verdict(CANCELLING)
    assert (judgement.status, judgement.key) == (Status.PASS, "completes/serves")
    assert judgement.outcomes == judgement.expected == {"cancelled": 2, "ok": 1}


def test_a_cancellation_that_was_not_requested_is_an_error() -> None:
    changes = {"b": Deed("cancelled", 0.0, 0.0, 0.5, {"error": "CancelledError"})}
    assert key(SERVING, changes) == "error/serves/CancelledError"


def test_a_cancellation_that_was_swallowed_is_an_error() -> None:
    changes = {"a": Deed("ok", 0.0, 0.0, 1.2), "c": Deed("ok", 2.0, 2.1, 3.1)}
    assert key(CANCELLING, changes) == "error/serves"


def test_error_has_its_class_in_the_key() -> None:
    changes = {"c": Deed("error", 0.0, 1.0, 1.1, {"error": "ReadError"})}
    judgement = verdict(SERVING, changes)
    assert (judgement.status, judgement.key) == (Status.FAIL, "error/serves/ReadError")
    assert judgement.outcomes == {"error": 1, "ok": 3}


RAN_OUT = load_of(1, Request(id="a", hold=3.0, pool_timeout=9.0, read_timeout=1.0), *SERVING.requests[1:])


@pytest.mark.parametrize("load", [FAILING, RAN_OUT])
def test_an_error_that_is_due_is_not_a_defect(load: Load) -> None:
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
        (["other.ValueError"], "", "completes/serves"),
        ([], "", "completes/serves"),
    ],
)
def test_a_mistake_of_the_client_is_not_the_error_that_was_due(chain: list[str], message: str, expected: str) -> None:
    raised = {"error": expected.rpartition("/")[2], "chain": chain, "message": message}
    assert key(FAILING, {"a": Deed("error", 0.0, 0.0, 1.0, raised)}) == expected


def test_several_classes_are_joined() -> None:
    errors = {"b": (0.0, "ReadError"), "c": (1.0, "ConnectError"), "d": (1.0, "ReadError")}
    changes = {name: Deed("error", 0.0, at, at + 1.0, {"error": error}) for name, (at, error) in errors.items()}
    assert key(SERVING, changes) == "error/serves/ConnectError+ReadError"


def test_closing_that_raises_is_an_error() -> None:
    assert judge(history_of(closing("closing", "close-failed"))).key == "error/serves/RuntimeError"
    assert judge(history_of(closing("closing", "closed"))).key == "completes/serves"


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

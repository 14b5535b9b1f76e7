"""Notes are reported with a verdict and do not change it."""

from __future__ import annotations

import pytest
from support.histories import Deed, Event, history_of, load_of, run
from support.judged import BLOCKED, FAILING, JUST_SERVED, SERVING, verdict

from poolgate.scenarios.declaration.scenario import Request
from poolgate.verdict.judge import judge
from poolgate.verdict.words import Status


def test_a_pool_that_refuses_to_be_closed_is_noted() -> None:
    """Some releases raise it after a lost slot; the run is judged all the same."""
    records = run(SERVING)
    records.insert(-2, Event(records[-2].at, "worker", "close-failed", None, {"error": "RuntimeError"}))
    judgement = judge(history_of(records))
    assert (judgement.key, judgement.notes) == ("completes/serves", ("closing the client raised RuntimeError",))


def test_who_is_served_where_an_error_was_due_is_noted() -> None:
    """It found a way around, a second connection perhaps, and lost nothing."""
    records = verdict(FAILING, {"a": Deed("ok", 0.0, 0.0, 1.0)})
    assert (records.key, records.notes) == ("completes/serves", ("1 served where an error was due",))


def test_what_a_failed_handshake_says_is_noted() -> None:
    """Only that: other messages may name a port, which differs each time."""
    a, *rest = FAILING.requests
    data = {"error": "ConnectError", "message": "self-signed certificate"}
    for door, notes in (("untrusted", ("said ConnectError: self-signed certificate",)), ("plain", ())):
        load = load_of(1, a._replace(door=door), *rest)
        assert verdict(load, {"a": Deed("error", 0.0, 0.0, 1.0, data)}).notes == notes


def test_a_client_that_blocks_its_loop_is_a_finding() -> None:
    judgement = judge(history_of([*run(SERVING), BLOCKED]))
    assert (judgement.status, judgement.key) == (Status.PASS, "completes/serves")
    assert judgement.notes == ("the client blocked its own event loop",)


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
    records = run(JUST_SERVED, {"c": Deed("hangs", 0.0)})
    records = [event for event in records if (event.kind, event.request) != ("ended", "c")]
    judgement = judge(history_of(records))
    assert judgement.key == "hangs/serves"
    assert judgement.notes == ("a slot was free for more than half a unit while requests waited",)


def test_a_slot_is_not_idle_while_a_request_connects_in_vain() -> None:
    """The server does not see which request holds it."""
    failing = load_of(1, Request(id="a", hold=1.0, pool_timeout=9.0, expected="error"), SERVING.requests[1])
    judgement = verdict(failing, {"a": Deed("error", 0.0, None, 1.0, {"error": "ConnectTimeout"})})
    assert (judgement.key, judgement.notes) == ("completes/serves", ())


def test_where_it_was_raised_is_noted() -> None:
    data = {"error": "ReadError", "site": ["httpx:get", "httpcore:read"]}
    judgement = verdict(SERVING, {"c": Deed("error", 0.0, 1.0, 1.1, data), "d": Deed("error", 0.0, 1.0, 1.1, data)})
    assert judgement.notes == ("raised in httpcore:read",)

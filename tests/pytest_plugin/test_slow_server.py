"""`slow_server` answers as a test of another program asks, over HTTP/1.1, TLS and HTTP/2."""

from __future__ import annotations

from pytest_plugin.conftest import Run


def test_each_answer_is_as_asked(plain: Run) -> None:
    served = {name: outcome for name, (outcome, _) in plain.outcomes.items() if name.startswith("server_runner.")}
    wrong = {name for name, outcome in served.items() if outcome != "passed"}
    assert wrong == {"server_runner.test_a_fault_that_does_not_exist"}, plain.output
    assert len(served) == 10


def test_a_fault_that_does_not_exist_fails_the_test_with_one_line(plain: Run) -> None:
    outcome, message = plain.outcomes["server_runner.test_a_fault_that_does_not_exist"]
    assert outcome == "failed"
    assert "slow_server: there is no fault 'no-such'; there are bad-chunk, bad-head," in message
    assert "Traceback" not in message

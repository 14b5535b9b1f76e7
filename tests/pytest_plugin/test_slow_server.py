"""`slow_server` answers as a test of another program asks, over HTTP/1.1, TLS and HTTP/2."""

from __future__ import annotations

import pytest

from poolgate.pytest_plugin import slow_server
from pytest_plugin.conftest import Ran, Run


@pytest.fixture(scope="module")
def served(ran: Ran) -> Run:
    """Run what a client sees."""
    return ran("server_runner.py")


def test_each_answer_is_as_asked(served: Run) -> None:
    wrong = {name for name in served.named("failed") if "does_not_exist" not in name}
    assert (wrong, served.named("error"), len(served.named("passed"))) == (set(), set(), 9), served.output


def test_a_fault_that_does_not_exist_fails_the_test_with_one_line(served: Run) -> None:
    outcome, message = served.outcomes["server_runner.test_a_fault_that_does_not_exist"]
    assert outcome == "failed"
    assert "slow_server: there is no fault 'no-such'; there are bad-chunk, bad-head," in message
    assert "Traceback" not in message


def test_the_packages_that_are_missing_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(slow_server, "_NEEDED", ("h11", "not_installed"))
    with pytest.raises(pytest.fail.Exception) as failed, slow_server.running_server():
        pass
    assert str(failed.value) == (
        "slow_server needs the packages of poolgate's servers (not_installed): install 'poolgate[measure]'"
    )

"""`no_pool_leaks` fails a test that leaves a slot lost or a response open, under each runner of asynchronous tests."""

from __future__ import annotations

import re

import pytest

from pytest_plugin.conftest import MODULES, Ran, Run, line_of

NO_POOL = "no pool was used"


@pytest.fixture(scope="module")
def parallel(ran: Ran) -> Run:
    """Run the tests with asyncio, and a suite that is checked as a whole, under xdist."""
    return ran("--numprocesses=2", "-o", "no_pool_leaks=true", "suite_runner.py", "asyncio_runner.py")


def kind(name: str) -> str:
    """Return what a test of the project is planted with: the first word of its name."""
    return name.rpartition(".test_")[2].partition("_")[0].partition("[")[0]


@pytest.mark.parametrize("module", MODULES)
def test_each_test_has_the_outcome_of_what_is_planted(plain: Run, module: str) -> None:
    expected = {"open": "failed", "lost": "failed", "clean": "passed", "mocked": "skipped"}
    seen = {name: outcome for name, (outcome, _) in plain.outcomes.items() if name.startswith(module)}
    assert {kind(name) for name in seen} >= set(expected)
    wrong = {name: outcome for name, outcome in seen.items() if expected.get(kind(name), outcome) != outcome}
    assert not wrong, plain.output


def test_a_response_that_is_open_is_named_with_the_lines_that_took_it(plain: Run) -> None:
    opened = {name: message for name, (_, message) in plain.outcomes.items() if kind(name) == "open"}
    assert len(opened) == 9
    for name, message in opened.items():
        assert "the test leaves 1 response open in a pool of httpcore 1.0.9 and httpx 0.28.1" in message
        threads = name.startswith("sync_runner") and "OfUnittest" not in name
        assert line_of("sdk.py", "opened here", nth=int(not threads)) in message
        assert f"{name.partition('.')[0]}.py:" in message
        assert "/v1/stream" in message
        assert "secret" not in message


def test_a_slot_that_is_lost_is_named_with_the_end_of_its_request(plain: Run) -> None:
    lost = {name: message for name, (_, message) in plain.outcomes.items() if kind(name) == "lost"}
    assert len(lost) == 6
    for name, message in lost.items():
        line = line_of("sdk.py", "lost here", nth=int(not name.startswith("sync_runner")))
        end = r"cancelled in [\w.]+" if "cancellation" in name else "closed"
        assert re.search(rf"a slot is lost; its request: {end} at {re.escape(line)}\n", message), message
        assert "what is known of this release: poolgate affected httpx==0.28.1" in message


def test_a_test_that_fails_by_itself_keeps_its_own_failure(plain: Run) -> None:
    outcome, message = plain.outcomes["sync_runner.test_fails_by_itself"]
    assert outcome == "failed"
    assert "its own error" in message
    assert "response open" not in message


def test_a_mocked_transport_is_reported_as_no_pool(plain: Run) -> None:
    mocked = {name: result for name, result in plain.outcomes.items() if kind(name) == "mocked"}
    assert len(mocked) == 7
    assert all(outcome == "skipped" and NO_POOL in message for outcome, message in mocked.values())


def test_parallel_processes_have_the_same_outcomes(plain: Run, parallel: Run) -> None:
    """xdist runs tests in other processes, and sends their reports."""
    names = {name for name in plain.outcomes if name.startswith("asyncio_runner")}
    assert {name: parallel.outcomes[name][0] for name in names} == {name: plain.outcomes[name][0] for name in names}


def test_a_suite_is_checked_by_one_line_of_configuration(parallel: Run) -> None:
    suite = {name.rpartition(".")[2]: one for name, one in parallel.outcomes.items() if name.startswith("suite_runner")}
    assert {name for name, (outcome, _) in suite.items() if outcome == "failed"} == {"test_open"}
    assert line_of("sdk.py", "opened here") in suite["test_open"][1]
    assert {name for name, (outcome, _) in suite.items() if outcome == "skipped"} == set()


def test_tests_of_a_suite_without_a_pool_are_counted(parallel: Run) -> None:
    assert "no_pool_leaks: no pool was used in 2 tests that passed: nothing was checked there" in parallel.output

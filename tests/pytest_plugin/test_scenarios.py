"""`pytest --poolgate` runs scenarios as tests, and each failure is the verdict."""

from __future__ import annotations

from pathlib import Path

import pytest

from pytest_plugin.conftest import Ran, Run

LIGHT = """
import sys

def test_only_the_hooks_are_imported():
    assert sorted(name for name in sys.modules if name.partition(".")[0] == "poolgate") == [
        "poolgate", "poolgate.pytest_plugin", "poolgate.pytest_plugin.hooks"
    ]
"""
OWN = """
import httpx

def make():
    return httpx.AsyncClient(limits=httpx.Limits(max_connections=2))
"""


@pytest.fixture(scope="module")
def verdicts(ran: Ran, project: tuple[Path, Path]) -> Run:
    """Run one scenario that the installed client passes and one that it fails, through a factory of the project."""
    (project[0] / "own.py").write_text(OWN)
    (project[0] / "light_runner.py").write_text(LIGHT)
    chosen = ("--poolgate-scenario=sequential-reuse", "--poolgate-scenario=queue-timeout")
    return ran("--poolgate", "--poolgate-client=own.py:make", *chosen, "light_runner.py", "-k", "poolgate")


def test_each_scenario_is_a_test(verdicts: Run) -> None:
    assert {name.rpartition(".")[2] for name in verdicts.outcomes} == {"sequential-reuse", "queue-timeout"}
    assert verdicts.code == 1


def test_a_failure_is_the_verdict_in_words(verdicts: Run) -> None:
    (failed,) = verdicts.named("failed")
    message = verdicts.outcomes[failed][1]
    assert "FAIL raises PoolTimeout late or never: httpx 0.28.1, httpcore 1.0.9 on Python 3.11" in message
    assert "through own.py:make, which has a limit of 2" in message
    assert "again: poolgate run queue-timeout --target python:" in message
    assert "Traceback" not in verdicts.output
    assert "missing-timeout/" not in message


def test_nothing_is_imported_until_it_is_asked_for(ran: Ran, project: tuple[Path, Path]) -> None:
    (project[0] / "light_runner.py").write_text(LIGHT)
    light = ran("-p", "no:pytest_httpx", "light_runner.py")
    assert light.named("passed") == {"light_runner.test_only_the_hooks_are_imported"}, light.output


def test_what_is_not_a_scenario_is_one_line(ran: Ran) -> None:
    wrong = ran("--poolgate", "--poolgate-scenario=sequential-reus")
    assert wrong.code == pytest.ExitCode.USAGE_ERROR
    assert "ERROR: --poolgate: no scenario is called 'sequential-reus'; did you mean sequential-reuse?" in wrong.output
    assert "Traceback" not in wrong.output

"""`pytest --poolgate` runs scenarios as tests, and each failure is the verdict."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from support.answers import cell

from poolgate import extras
from poolgate.pytest_plugin.measured import text
from poolgate.pytest_plugin.scenarios import ScenarioItem, VerdictError, scenario_items
from poolgate.pytest_plugin.slow_server import running_server
from poolgate.verdict.outcome import CellResult
from poolgate.verdict.words import Status
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
    """Run a scenario that the installed client passes, and one that a factory can't run."""
    (project[0] / "own.py").write_text(OWN)
    (project[0] / "light_runner.py").write_text(LIGHT)
    chosen = ("--poolgate-scenario=sequential-reuse", "--poolgate-scenario=keepalive-limit")
    return ran("--poolgate", "--poolgate-client=own.py:make", *chosen, "light_runner.py", "-k", "poolgate")


def test_each_scenario_is_a_test(verdicts: Run) -> None:
    outcomes = {name.rpartition(".")[2]: outcome for name, (outcome, _) in verdicts.outcomes.items()}
    assert outcomes == {"sequential-reuse": "passed", "keepalive-limit": "skipped"}, verdicts.output
    assert verdicts.code == 0


def test_a_scenario_without_a_verdict_is_skipped_with_its_reason(verdicts: Run) -> None:
    (skipped,) = verdicts.named("skipped")
    assert "keepalive-limit makes its own client; its load is not scaled" in verdicts.outcomes[skipped][1]


class Stored:
    """A verdict that is there already."""

    def __init__(self, result: CellResult) -> None:
        self.result = result

    def verdict(self, name: str, together: list[str]) -> tuple[Status, str]:
        """Return it."""
        return self.result.status, text(self.result)


@pytest.mark.parametrize(("status", "first"), [("fail", "FAIL"), ("flaky", "FLAKY")])
def test_a_failure_is_the_verdict_in_words(request: pytest.FixtureRequest, status: str, first: str) -> None:
    result = cell("1.0.2", status, failed=7, runs=24, outcomes={"ok": 3}, expected={"ok": 12})
    item = ScenarioItem.from_parent(request.session, name=result.scenario, measured=Stored(result))
    with pytest.raises(VerdictError) as failed:
        item.runtest()
    lines = str(item.repr_failure(failed)).splitlines()
    assert lines[0].startswith(f"{first} raises undue PoolTimeout and loses every slot")
    assert lines[0].endswith(": httpx 0.28.1, httpcore 1.0.2 on Python 3.11.7")
    assert lines[1:3] == ["  slots 0 then 0 of 3", "  outcomes 3 ok, a correct pool 12 ok"]
    assert lines[-1] == "  again: poolgate run gather-over-limit --target httpcore==1.0.2 --again"


@pytest.mark.parametrize("status", ["unknown", "uninstallable", "unsupported"])
def test_what_is_not_judged_is_skipped(request: pytest.FixtureRequest, status: str) -> None:
    result = cell("1.0.2", status)
    item = ScenarioItem.from_parent(request.session, name=result.scenario, measured=Stored(result))
    with pytest.raises(pytest.skip.Exception, match="because"):
        item.runtest()


def test_nothing_is_imported_until_it_is_asked_for(ran: Ran, project: tuple[Path, Path]) -> None:
    (project[0] / "light_runner.py").write_text(LIGHT)
    light = ran("-p", "no:pytest_httpx", "light_runner.py")
    assert light.named("passed") == {"light_runner.test_only_the_hooks_are_imported"}, light.output


@pytest.mark.parametrize(
    ("option", "value", "line"),
    [
        ("poolgate_scenario", ["sequential-reus"], "no scenario is called 'sequential-reus'; did you mean"),
        ("poolgate_scenario", ["nothing-*"], "no scenario matches 'nothing-*'"),
        ("poolgate_client", "make", "'make' is not a valid factory; write module:factory"),
    ],
)
def test_what_can_not_be_run_is_one_line(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, option: str, value: object, line: str
) -> None:
    monkeypatch.setattr(request.config.option, option, value)
    with pytest.raises(pytest.UsageError) as failed:
        scenario_items(request.session)
    assert str(failed.value).startswith(line)
    assert "\n" not in str(failed.value)


def test_the_extra_that_is_missing_is_named(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(extras, "lacking", lambda extra: True)
    line = 'needs the extra "measure": pip install "poolgate[measure]"'
    with pytest.raises(pytest.UsageError, match=re.escape(f"pytest --poolgate {line}")):
        scenario_items(request.session)
    with pytest.raises(pytest.fail.Exception, match=re.escape(f"slow_server {line}")), running_server():
        pass

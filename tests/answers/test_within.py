"""A budget: stored verdicts answer first, the rest is measured in its order, and what is left out is named."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import msgspec
import pytest

from answers.test_claim_verdicts import cell as result
from poolgate.answers.within import Forecast, Within, left_out, predicted, within
from poolgate.cells.cell import Cell
from poolgate.cells.select import select
from poolgate.ledger.instruments import SHIPPED
from poolgate.ledger.store import Ledger
from poolgate.measurement.cached import Measurer
from poolgate.measurement.settings import Settings
from poolgate.targets.parse import parse
from poolgate.verdict.outcome import CellResult
from poolgate.verdict.words import Status

UNSTORED = parse("httpx==0.27.0?deps=era")


def cells(*names: str, spec: str = "") -> list[Cell]:
    return [Cell(*chosen, parse(spec) if spec else UNSTORED) for chosen in select(names)]


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """The names of the cells of each measurement, which takes no time."""
    found: list[list[str]] = []

    def run_cells(cells: list[Cell], ledger: object, settings: Settings, jobs: int) -> list[CellResult]:
        found.append([cell.name for cell in cells])
        return [
            msgspec.structs.replace(result(cell.target.spec, "completes/serves"), scenario=cell.scenario.id)
            for cell in cells
        ]

    monkeypatch.setattr("poolgate.measurement.cached.run_cells", run_cells)
    monkeypatch.setattr("poolgate.answers.gate.budget.time", SimpleNamespace(monotonic=lambda: 0.0))
    monkeypatch.setattr("os.getloadavg", lambda: (0.0, 0.0, 0.0))
    return found


def bounded(root: Path, seconds: int | None, *, again: bool = False) -> Within:
    return within(Measurer(Settings(repeats=1, again=again), root, jobs=2), seconds)


def test_stored_verdicts_need_no_time(tmp_path: Path, asked: list[list[str]]) -> None:
    (found,) = bounded(tmp_path, 0).results(cells("gather-over-limit", spec="httpx==0.28.1"))
    assert (found.status, found.cached, found.target) == (Status.PASS, True, "httpx==0.28.1")
    assert asked == []


def test_what_the_budget_leaves_out_is_not_judged(tmp_path: Path, asked: list[list[str]]) -> None:
    """The budget is enough for the first cell, and not for a sweep after it."""
    found = bounded(tmp_path, 8).results(cells("gather-over-limit", "cancel-sweep"))
    assert [left_out(each) for each in found] == [False, True]
    assert (found[1].status, found[1].packages) == (Status.UNKNOWN, {})
    assert found[1].reason == "left out: not in the ledgers, and the budget of 8 s was used up"
    assert asked == [[f"gather-over-limit@{UNSTORED.spec}"]]


def test_without_a_budget_everything_is_measured(tmp_path: Path, asked: list[list[str]]) -> None:
    asked_for = cells("gather-over-limit", spec="httpx==0.28.1")
    assert [each.cached for each in bounded(tmp_path, None).results(asked_for)] == [False]
    assert len(asked) == 1


def test_to_measure_again_leaves_no_stored_verdict(tmp_path: Path, asked: list[list[str]]) -> None:
    (found,) = bounded(tmp_path, 60, again=True).results(cells("gather-over-limit", spec="httpx==0.28.1"))
    assert (found.cached, len(asked)) == (False, 1)


def test_a_forecast_counts_what_is_stored_and_measures_nothing(tmp_path: Path, asked: list[list[str]]) -> None:
    both = [*cells("gather-over-limit"), *cells("gather-over-limit", spec="httpx==0.28.1")]
    forecast = bounded(tmp_path, 60).forecast(both)
    assert (forecast.cells, forecast.stored, asked) == (2, 1, [])
    assert str(forecast) == f"2 cells: 1 stored, 1 to measure, about {forecast.seconds:.0f} s"
    assert str(Forecast(cells=2, stored=2, seconds=0.0)) == "2 cells, all of them stored"
    # Without a budget, only the user's own verdicts are not measured again.
    assert bounded(tmp_path, None).forecast(both).stored == 0


def test_the_prediction_grows_with_the_load_the_runs_and_the_targets() -> None:
    one, long = cells("gather-over-limit"), cells("keepalive-expiry")
    assert predicted([], Settings(), 2) == 0.0
    assert predicted(one, Settings(), 2) < predicted(long, Settings(), 2)
    assert predicted(long, Settings(), 2) < predicted(long, Settings(repeats=9), 2)
    other = cells("gather-over-limit", spec="httpx==0.28.1")
    assert predicted(one, Settings(), 2) < predicted([*one, *other], Settings(), 2)
    assert predicted(cells("cancel-sweep"), Settings(), 2) > predicted(long, Settings(), 2)


def test_a_slow_machine_begins_less(tmp_path: Path, asked: list[list[str]]) -> None:
    """After a measurement that took ten times as long as expected, the next cells are expected to take as long."""
    found = bounded(tmp_path, 30)
    found._pace = 100.0
    assert all(map(left_out, found.results(cells("gather-over-limit"))))
    assert asked == []


def test_the_shipped_verdicts_are_evidence_only_with_a_budget(tmp_path: Path) -> None:
    assert bounded(tmp_path, 1).evidence.shipped == Ledger(SHIPPED).stacks
    assert bounded(tmp_path, None).evidence.shipped == []

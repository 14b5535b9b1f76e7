"""A plan counts what a run would measure, by tier, and measures nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from poolgate.answers.plan import PlanAnswer, TierPlan, plan_answer
from poolgate.answers.within import within
from poolgate.cells.cell import Cell
from poolgate.cells.select import select
from poolgate.formats.plan import to_text
from poolgate.ledger.instruments import SHIPPED
from poolgate.measurement.cached import Measurer
from poolgate.measurement.settings import Settings
from poolgate.targets.parse import parse


@pytest.fixture(autouse=True)
def _nothing_is_measured(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("poolgate.measurement.cached.run_cells", None)


def plan(ledger: Path, *names: str, repeats: int | None = None) -> PlanAnswer:
    cells = [Cell(*chosen, parse("httpx==0.28.1")) for chosen in select(names)]
    return plan_answer(within(Measurer(Settings(repeats=repeats), ledger, jobs=20), None), cells)


def test_cells_count_in_the_smallest_tier_that_has_them(tmp_path: Path) -> None:
    found = plan(tmp_path, "gather-over-limit", "close-pool", "close-pool[while=idle]", "close-pool[remedy=semaphore]")
    assert [(each.tier, each.cells, each.stored) for each in found.tiers] == [
        ("core", 1, 0),
        ("standard", 1, 0),
        ("deep", 1, 0),
        (None, 1, 0),
    ]
    assert (found.cells, found.targets, found.runs) == (4, 1, sum(each.runs for each in found.tiers))


def test_what_the_ledger_has_is_not_measured_again() -> None:
    found = plan(SHIPPED, "gather-over-limit", "close-pool")
    assert (found.cells, found.stored, found.runs, found.hours) == (2, 2, 0, 0.0)
    assert to_text(found) == "2 cells on 1 target: 2 are stored, 0 to measure."


def test_a_cell_is_expected_to_run_as_often_as_its_shipped_verdict(tmp_path: Path) -> None:
    """A cell that fails runs three times, one that chance decides in blocks; `--repeats` is taken as it is."""
    assert plan(tmp_path, "gather-over-limit").runs == 1
    assert plan(tmp_path, "socks-fault").runs == 3
    assert plan(tmp_path, "cancel-connecting").runs == 24
    assert plan(tmp_path, "socks-fault", repeats=7).runs == 7


def test_the_text_leads_with_the_time() -> None:
    tiers = [
        TierPlan(tier="core", cells=50, stored=40, runs=30, hours=0.02),
        TierPlan(tier="deep", cells=3000, stored=0, runs=12000, hours=3.5),
        TierPlan(tier=None, cells=1, stored=0, runs=3, hours=0.01),
    ]
    answer = PlanAnswer(targets=10, cells=3051, stored=40, runs=12033, hours=3.53, tiers=tiers)
    assert to_text(answer).splitlines() == [
        "3051 cells on 10 targets: 40 are stored, 3011 to measure in 12033 runs, in about 3.5 hours on this machine.",
        "tier   cells  stored   runs  hours",
        "core      50      40     30   0.02",
        "deep    3000       0  12000   3.50",
        "other      1       0      3   0.01",
    ]


def test_less_than_an_hour_is_in_minutes() -> None:
    tier = TierPlan(tier="core", cells=2, stored=0, runs=6, hours=0.26)
    answer = PlanAnswer(targets=1, cells=2, stored=0, runs=6, hours=0.26, tiers=[tier])
    assert "in about 16 minutes on this machine" in to_text(answer)

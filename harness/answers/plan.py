"""The answer of `run --plan`: what a run would measure, by tier, and how long it may take. Measures nothing."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import msgspec

from ..cells.cell import Cell
from ..cells.tiers import Tier, tier_of
from ..ledger.store import shipped_ledger
from ..measurement.repeats import BLOCK, CONFIRMING
from ..verdict.rate import ENOUGH_BLOCKS
from .gate.evidence import Evidence
from .within import Within, predicted


class TierPlan(msgspec.Struct, frozen=True, kw_only=True):
    """The cells of a run in one tier: all, the stored ones, the runs of the others and their hours on this machine.

    `tier` is None for what no tier has: workarounds.
    """

    tier: str | None
    cells: int
    stored: int
    runs: int
    hours: float


class PlanAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """The answer of `run --plan`; a cell counts in the smallest tier that has it."""

    schema: Literal["poolgate/run-plan"] = "poolgate/run-plan"
    version: Literal[1] = 1
    targets: int
    cells: int
    stored: int
    runs: int
    hours: float
    tiers: list[TierPlan]


def plan_answer(within: Within, cells: Sequence[Cell]) -> PlanAnswer:
    """Return the plan of a run of these cells, in at most as many in parallel as `within` has."""
    shipped = Within(within.measurer, None, Evidence(shipped_ledger().stacks, []))
    groups = [(tier, [cell for cell in cells if _tier(cell) == tier]) for tier in (*Tier, None)]
    tiers = [_tier_plan(within, shipped, tier, group) for tier, group in groups if group]
    return PlanAnswer(
        targets=len({cell.target.spec for cell in cells}),
        cells=len(cells),
        stored=sum(each.stored for each in tiers),
        runs=sum(each.runs for each in tiers),
        hours=round(sum(each.hours for each in tiers), 2),
        tiers=tiers,
    )


def _tier(cell: Cell) -> Tier | None:
    return tier_of(cell.scenario_name)


def _tier_plan(within: Within, shipped: Within, tier: Tier | None, cells: list[Cell]) -> TierPlan:
    missing = within.missing(cells)
    runs = [_runs(shipped, cell) for cell in missing]
    return TierPlan(
        tier=tier,
        cells=len(cells),
        stored=len(cells) - len(missing),
        runs=sum(runs),
        hours=round(predicted(missing, within.measurer.settings, within.measurer.jobs, runs) / 3600, 2),
    )


def _runs(shipped: Within, cell: Cell) -> int:
    """Return how often a cell is expected to run: as often as its shipped verdict was, else as a failing cell is."""
    if fixed := shipped.measurer.settings.repeats:
        return fixed
    if shipped.measurer.decided_by_chance(cell):
        return BLOCK * ENOUGH_BLOCKS
    known = shipped.stored_on(cell.target).find(cell.scenario, cell.variant)
    return known.repeats if known is not None and known.repeats else CONFIRMING

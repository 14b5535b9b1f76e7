"""The answer of `workarounds`: each remedy in one line, over all failures that it was tried against."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import msgspec

from ...verdict.outcome import CellResult, name_of
from ..within import left_out
from .cautions import CAUTIONS
from .remedies import Helps, TriedRemedy

_ORDER: tuple[Helps, ...] = ("helps", "helps in part", "does not help", "makes it worse", "not judged")


class RemedySummary(msgspec.Struct, frozen=True, kw_only=True):
    """One remedy over all failures: the scenario variants by its effect, its measured costs, and when not to use it."""

    remedy: str
    what: str
    helps: list[str]
    in_part: list[str]
    does_not_help: list[str]
    makes_it_worse: list[str]
    not_judged: list[str]
    costs: list[str]
    when_not: str


class WorkaroundsAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """The answer of `workarounds`: the cells of the target, and the remedies tried against the failing ones.

    `remedies` has each remedy once, the best first. `python` is that of the target; `left_out` names the cells that the
    budget left out, and `stored` counts those that the ledgers answered.
    """

    schema: Literal["poolgate/workarounds"] = "poolgate/workarounds"
    version: Literal[1] = 1
    target: str
    cells: list[CellResult]
    tried: list[TriedRemedy]
    symptom: str | None = None
    python: str | None = None
    remedies: list[RemedySummary] = []
    budget: float | None = None
    stored: int = 0
    left_out: list[str] = []


def summaries(tried: Sequence[TriedRemedy]) -> list[RemedySummary]:
    """Return each remedy once, those that help most first."""
    names = dict.fromkeys(each.remedy for each in tried)
    found = [_summary([each for each in tried if each.remedy == name]) for name in names]
    return sorted(found, key=lambda each: (-len(each.helps), -len(each.in_part), len(each.makes_it_worse)))


def _summary(tried: Sequence[TriedRemedy]) -> RemedySummary:
    by_effect = {helps: [each.scenario for each in tried if each.helps == helps] for helps in _ORDER}
    first = tried[0]
    return RemedySummary(
        remedy=first.remedy,
        what=first.what,
        helps=by_effect["helps"],
        in_part=by_effect["helps in part"],
        does_not_help=by_effect["does not help"],
        makes_it_worse=by_effect["makes it worse"],
        not_judged=by_effect["not judged"],
        costs=list(dict.fromkeys(cost for each in tried if each.helps in _ORDER[:2] for cost in each.costs)),
        when_not=CAUTIONS.get(first.remedy.partition(":")[0], first.caution),
    )


def names_left_out(cells: Sequence[CellResult]) -> list[str]:
    """Return the names of the cells that the budget left out, each once."""
    return list(dict.fromkeys(f"{name_of(cell)}@{cell.target}" for cell in cells if left_out(cell)))

"""The measurement of claims: all of their cells at once, from the same cache as every other command."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import msgspec

from ...catalogue.releases import load
from ...cells.cell import Cell, variant_name
from ...cells.select import select
from ...targets.parse import parse
from ...targets.target import Target
from ...verdict.outcome import CellResult
from ..within import Within
from .claim import Claim, Verdict, plain
from .judge import inconclusive, measured


class ClaimAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """A claim and its verdict; `inconclusive` if this machine could not judge a cell that may matter."""

    file: str
    claimed: dict[str, Any]
    verdict: Verdict
    why: str
    inconclusive: bool
    cells: list[CellResult]
    command: str


def cells_of(claim: Claim) -> list[Cell]:
    """Return every cell that a claim names; none for a claim that can't be tested."""
    if claim.untestable is not None:
        return []
    chosen = select(claim.scenarios)
    return [Cell(scenario, variant, parse(spec)) for spec in claim.targets for scenario, variant in chosen]


def all_cells(claims: Iterable[Claim]) -> list[Cell]:
    """Return every cell of the claims; a cell of several claims is measured once."""
    return list({cell.name: cell for claim in claims for cell in cells_of(claim)}.values())


def measure_claims(within: Within, claims: list[Claim]) -> list[list[CellResult]]:
    """Return the results of each claim's cells.

    Without a budget, both sides of a boundary are repeated if their difference depends on a rate that is not known well
    enough.
    """
    cells = all_cells(claims)
    places = {cell.name: n for n, cell in enumerate(cells)}
    pairs = [(places[one], places[other]) for claim in claims for one, other in _boundaries(claim)]
    if within.budget is None:
        results = within.measurer.answers_compared(cells, lambda _: pairs)
    else:
        results = within.results(cells)
    answers = dict(zip(places, results, strict=True))
    return [[answers[cell.name] for cell in cells_of(claim)] for claim in claims]


def claim_answer(file: Path, claim: Claim, cells: list[CellResult]) -> ClaimAnswer:
    """Return the verdict on a claim from the results of its cells."""
    found = measured(claim, cells, today(claim.targets))
    return ClaimAnswer(
        file=str(file),
        claimed=plain(claim),
        verdict=found.verdict,
        why=found.why,
        inconclusive=inconclusive(cells),
        cells=cells,
        command=found.command,
    )


def today(specs: Iterable[str]) -> set[str]:
    """Return those targets that are the newest of their family in the catalogue."""
    return {spec for spec in specs if _newest(parse(spec))}


def _newest(target: Target) -> bool:
    last = {name: load().releases(name)[-1].version for name, _ in target.pins}
    return bool(target.pins) and all(last[name] == version for name, version in target.pins)


def _boundaries(claim: Claim) -> Iterable[tuple[str, str]]:
    """Yield the names of the cells that a fix claim compares."""
    if claim.release is None or claim.untestable is not None:
        return
    before, after = map(parse, claim.boundary)
    for scenario, variant in select(claim.scenarios):
        name = variant_name(scenario.id, variant)
        yield f"{name}@{before.spec}", f"{name}@{after.spec}"

"""Measures claims: all of their cells at once, each the same cached cell that every other verb asks for."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import msgspec

from ...catalogue.releases import load
from ...cells.cell import Cell, variant_name
from ...cells.select import select
from ...measurement.cached import Measurer
from ...targets.parse import parse
from ...targets.target import Target
from ...verdict.outcome import CellResult
from .claim import Claim, Verdict, plain
from .judge import inconclusive, measured


class ClaimAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """A claim and what it comes to; `inconclusive` where this machine could not judge a cell that it may hang on."""

    file: str
    claimed: dict[str, Any]
    verdict: Verdict
    why: str
    inconclusive: bool
    cells: list[CellResult]
    command: str


def cells_of(claim: Claim) -> list[Cell]:
    """Every cell that a claim names; none for one that can't be tested."""
    if claim.untestable is not None:
        return []
    chosen = select(claim.scenarios)
    return [Cell(scenario, variant, parse(spec)) for spec in claim.targets for scenario, variant in chosen]


def measure_claims(measurer: Measurer, claims: list[Claim]) -> list[list[CellResult]]:
    """The answers of each claim's cells, those that several claims name measured once.

    Both sides of a boundary are repeated where their difference hangs on a rate that is not known well enough.
    """
    cells = {cell.name: cell for claim in claims for cell in cells_of(claim)}
    places = {name: n for n, name in enumerate(cells)}
    pairs = [(places[one], places[other]) for claim in claims for one, other in _boundaries(claim)]
    answers = dict(zip(cells, measurer.answers_compared(list(cells.values()), lambda _: pairs), strict=True))
    return [[answers[cell.name] for cell in cells_of(claim)] for claim in claims]


def answer_of(file: Path, claim: Claim, cells: list[CellResult]) -> ClaimAnswer:
    """What a claim's cells say about it."""
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
    """Which of these targets are the newest of their family, as of the catalogue."""
    return {spec for spec in specs if _newest(parse(spec))}


def _newest(target: Target) -> bool:
    last = {name: load().releases(name)[-1].version for name, _ in target.pins}
    return bool(target.pins) and all(last[name] == version for name, version in target.pins)


def _boundaries(claim: Claim) -> Iterable[tuple[str, str]]:
    """The names of the cells that a fix claim compares."""
    if claim.release is None or claim.untestable is not None:
        return
    before, after = map(parse, claim.boundary)
    for scenario, variant in select(claim.scenarios):
        name = variant_name(scenario.id, variant)
        yield f"{name}@{before.spec}", f"{name}@{after.spec}"

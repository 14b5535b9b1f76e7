"""Every change of behaviour along a line, from its cells. Pure: nothing is measured here.

What could not be judged is skipped, named and never blamed: the neighbours of a gap are compared over it.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Literal

import msgspec

from .answers import CellAnswer
from .catalogue import Catalogue
from .cells import variant_name
from .comparing import JUDGED, failing_rate, flips, open_question
from .verdicts import Status


class Flip(msgspec.Struct, frozen=True, kw_only=True):
    """One change of behaviour. `released` has the days (UTC) of both sides; `also_changed` the versions, None for none.

    `suspect`: the line's own code is the same on both sides. `certain`: no rate is left open. `changelog`: lines of
    the release that it flips at, where they are known.
    """

    scenario: str
    from_: str = msgspec.field(name="from")
    to: str
    released: tuple[str, str]
    before: CellAnswer
    after: CellAnswer
    also_changed: dict[str, tuple[str | None, str | None]]
    suspect: bool
    certain: bool
    remarks: list[str]
    changelog: list[str] = []


class Skipped(msgspec.Struct, frozen=True, kw_only=True):
    """A release that could not be judged, and why."""

    scenario: str
    release: str
    status: Status
    reason: str | None


class FlipsAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """The answer of `flips`; `scenario` names all that were asked for."""

    schema: Literal["poolgate/flips"] = "poolgate/flips"
    version: Literal[1] = 1
    line: str
    scenario: str
    flips: list[Flip]
    cells: list[CellAnswer]
    skipped: list[Skipped]


def neighbours(cells: list[CellAnswer]) -> list[tuple[int, int]]:
    """The places of neighbouring judged cells of each scenario variant, in the order of the cells."""
    judged = [n for n, cell in enumerate(cells) if cell.status in JUDGED]
    columns = dict.fromkeys(_name(cell) for cell in cells)
    return [pair for column in columns for pair in pairwise(n for n in judged if _name(cells[n]) == column)]


def differing(cells: list[CellAnswer]) -> list[tuple[int, int]]:
    """The places of those neighbours that flip: what has to be known well."""
    return [(one, other) for one, other in neighbours(cells) if flips(cells[one], cells[other])]


def answer_of(line: str, cells: list[CellAnswer], catalogue: Catalogue) -> FlipsAnswer:
    """All flips of a line's cells, which are in release order."""
    pairs = [(cells[one], cells[other]) for one, other in neighbours(cells)]
    skipped = [
        Skipped(scenario=_name(cell), release=cell.release or cell.target, status=cell.status, reason=cell.reason)
        for cell in cells
        if cell.status not in JUDGED
    ]
    return FlipsAnswer(
        line=line,
        scenario=", ".join(dict.fromkeys(_name(cell) for cell in cells)),
        flips=[_flip(line, before, after, catalogue) for before, after in pairs if flips(before, after)],
        cells=cells,
        skipped=skipped,
    )


def _flip(line: str, before: CellAnswer, after: CellAnswer, catalogue: Catalogue) -> Flip:
    assert before.release is not None
    assert after.release is not None
    sides = [catalogue.find(line, release) for release in (before.release, after.release)]
    suspect, certain = sides[0].code == sides[1].code, not open_question(before, after)
    return Flip(
        scenario=_name(before),
        from_=before.release,
        to=after.release,
        released=(sides[0].date, sides[1].date),
        before=before,
        after=after,
        also_changed=also_changed(line, before.packages, after.packages),
        suspect=suspect,
        certain=certain,
        remarks=_remarks(before, after, line, suspect=suspect, certain=certain),
    )


def also_changed(line: str, before: dict[str, str], after: dict[str, str]) -> dict[str, tuple[str | None, str | None]]:
    """The packages beside the line's own whose versions differ, by name."""
    others = sorted({*before, *after} - {line})
    return {name: (before.get(name), after.get(name)) for name in others if before.get(name) != after.get(name)}


def _remarks(before: CellAnswer, after: CellAnswer, line: str, *, suspect: bool, certain: bool) -> list[str]:
    told = []
    if suspect:
        told.append(f"suspect: {line} itself has the same code on both sides; look at what else changed, or at chance")
    if not certain:
        rates = f"{failing_rate(before)}; {failing_rate(after)}"
        told.append(f"the rate is not known well enough to call it a flip: {rates}")
    if before.python != after.python:
        told.append(f"on another Python: {before.python}, then {after.python}")
    return told


def _name(cell: CellAnswer) -> str:
    return variant_name(cell.scenario, cell.variant)

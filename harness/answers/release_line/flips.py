"""Every change of behaviour along a line, from its cells. Pure: nothing is measured here.

What could not be judged is skipped, named and never blamed: the neighbours of a gap are compared over it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

import msgspec

from ...catalogue.packages import PACKAGES
from ...catalogue.releases import Catalogue, load
from ...cells.select import undeclared
from ...scenarios import declared
from ...scenarios.declaration.scenario import needs
from ...verdict.compare import JUDGED, failing_rate, flips, open_question
from ...verdict.outcome import CellResult, name_of
from ...verdict.words import Status
from .same_code import neighbours, pooled, same_code, subjects

Both = tuple[list[str], list[str]]
"""Something of both sides of a flip."""


class Flip(msgspec.Struct, frozen=True, kw_only=True):
    """One change of behaviour. `released` has the days (UTC) of both sides; `also_changed` the versions, None for none.

    `suspect`: client and pool have the same code on both sides. `certain`: no rate is open. `with_runs_of`: the other
    releases whose runs count on each side, for their code is the same. `changelog`: lines of the release that it flips
    at, where they are known.
    """

    scenario: str
    from_: str = msgspec.field(name="from")
    to: str
    released: tuple[str, str]
    before: CellResult
    after: CellResult
    also_changed: dict[str, tuple[str | None, str | None]]
    suspect: bool
    certain: bool
    with_runs_of: Both = ([], [])
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
    cells: list[CellResult]
    skipped: list[Skipped]


def differing(cells: list[CellResult]) -> list[tuple[int, int]]:
    """The places of those neighbours that flip: what has to be known well."""
    whole = as_subjects(cells)
    return [(one, other) for one, other in neighbours(cells) if flips(whole[one], whole[other])]


def as_subjects(cells: list[CellResult]) -> list[CellResult]:
    """The cells as they are compared: each with the runs of all neighbours that have the same code."""
    return pooled(cells, load())


def answer_of(line: str, cells: list[CellResult], catalogue: Catalogue) -> FlipsAnswer:
    """All flips of a line's cells, which are in release order.

    Neighbours with the same code are compared by their own runs, and only to be suspected; all others with the runs of
    their whole subject.
    """
    skipped = [
        Skipped(scenario=name_of(cell), release=cell.release or cell.target, status=cell.status, reason=cell.reason)
        for cell in cells
        if cell.status not in JUDGED
    ]
    return FlipsAnswer(
        line=line,
        scenario=", ".join(dict.fromkeys(name_of(cell) for cell in cells)),
        flips=list(_flips(line, cells, catalogue)),
        cells=cells,
        skipped=skipped,
    )


def _flips(line: str, cells: list[CellResult], catalogue: Catalogue) -> Iterator[Flip]:
    whole, groups = pooled(cells, catalogue), subjects(cells, catalogue)
    for one, other in neighbours(cells):
        if groups[one] is groups[other]:
            if flips(cells[one], cells[other]):
                yield _flip(line, cells[one], cells[other], ([], []), catalogue)
        elif flips(whole[one], whole[other]):
            others = [[str(cells[n].release) for n in groups[at] if n != at] for at in (one, other)]
            yield _flip(line, whole[one], whole[other], (others[0], others[1]), catalogue)


def _flip(line: str, before: CellResult, after: CellResult, with_runs_of: Both, catalogue: Catalogue) -> Flip:
    assert before.release is not None
    assert after.release is not None
    also = also_changed(line, before.packages, after.packages)
    sides = [catalogue.find(line, release) for release in (before.release, after.release)]
    suspect, certain = same_code(before, after, catalogue), not open_question(before, after)
    moved = [name for name in also if name in PACKAGES] if sides[0].code == sides[1].code else []
    return Flip(
        scenario=name_of(before),
        from_=before.release,
        to=after.release,
        released=(sides[0].date, sides[1].date),
        before=before,
        after=after,
        also_changed=also,
        suspect=suspect,
        certain=certain,
        with_runs_of=with_runs_of,
        remarks=[
            *_remarks(before, after, line, suspect=suspect, certain=certain),
            *(f"{line} itself has the same code on both sides: it is {name} that changed" for name in moved),
            *_brought(before, after),
            *_pooled_words(with_runs_of),
        ],
    )


def also_changed(line: str, before: dict[str, str], after: dict[str, str]) -> dict[str, tuple[str | None, str | None]]:
    """The packages beside the line's own whose versions differ, by name."""
    others = sorted({*before, *after} - {line})
    return {name: (before.get(name), after.get(name)) for name in others if before.get(name) != after.get(name)}


def _remarks(before: CellResult, after: CellResult, line: str, *, suspect: bool, certain: bool) -> list[str]:
    told = []
    if suspect:
        told.append(f"suspect: {line} has the same code on both sides; look at what else changed, or at chance")
    if not certain:
        rates = f"{failing_rate(before)}; {failing_rate(after)}"
        told.append(f"the rate is not known well enough to call it a flip: {rates}")
    if before.python != after.python:
        told.append(f"on another Python: {before.python}, then {after.python}")
    return told


def _brought(before: CellResult, after: CellResult) -> list[str]:
    """What a scenario brings along and is the same on both sides; what is not stands with all that changed."""
    if undeclared(before.scenario, before.variant):
        return []
    names = needs(declared()[before.scenario], before.variant)
    same = [name for name in names if name in before.packages and before.packages[name] == after.packages.get(name)]
    return [f"on both sides: {', '.join(f'{name} {before.packages[name]}' for name in same)}"] if same else []


def _pooled_words(with_runs_of: Both) -> list[str]:
    sides = zip(("before", "after"), with_runs_of, strict=True)
    return [f"{side}: with the runs of {', '.join(found)}, whose code is the same" for side, found in sides if found]

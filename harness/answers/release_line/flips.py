"""Every change of behaviour along a release line. Pure: takes the cells of the line, measures nothing.

A release that could not be judged is listed as skipped, and its neighbours are compared with each other.
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
from .same_code import code_groups, combined, neighbours, same_code

Both = tuple[list[str], list[str]]
"""The releases of both sides of a flip."""


class Flip(msgspec.Struct, frozen=True, kw_only=True):
    """A change of behaviour between two releases.

    `released`: the days (UTC) of both. `also_changed`: versions of other packages, None if absent. `suspect`: client
    and pool have the same code on both sides. `certain`: no failing rate is left open. `with_runs_of`: other releases
    with the same code, whose runs count too, for each side. `changelog`: lines from that of the newer release.
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
    """A release that could not be judged, with the reason."""

    scenario: str
    release: str
    status: Status
    reason: str | None


class FlipsAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """The answer of `flips`; `scenario` names all scenario variants, separated by commas."""

    schema: Literal["poolgate/flips"] = "poolgate/flips"
    version: Literal[1] = 1
    line: str
    scenario: str
    flips: list[Flip]
    cells: list[CellResult]
    skipped: list[Skipped]


def differing(cells: list[CellResult]) -> list[tuple[int, int]]:
    """Return the places of neighbours that flip: their rates have to be known well."""
    compared = combined_runs(cells)
    return [(one, other) for one, other in neighbours(cells) if flips(compared[one], compared[other])]


def combined_runs(cells: list[CellResult]) -> list[CellResult]:
    """Return the cells as they are compared: each with the runs of all neighbours that have the same code."""
    return combined(cells, load())


def flips_answer(line: str, cells: list[CellResult], catalogue: Catalogue) -> FlipsAnswer:
    """Return all flips of the cells of a line, which are in release order.

    Neighbours with the same code are compared by their own runs, and a flip between them is suspect. All others are
    compared by the runs of their whole code group.
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
    compared, groups = combined(cells, catalogue), code_groups(cells, catalogue)
    for one, other in neighbours(cells):
        if groups[one] is groups[other]:
            if flips(cells[one], cells[other]):
                yield _flip(line, cells[one], cells[other], ([], []), catalogue)
        elif flips(compared[one], compared[other]):
            others = [[str(cells[n].release) for n in groups[at] if n != at] for at in (one, other)]
            yield _flip(line, compared[one], compared[other], (others[0], others[1]), catalogue)


def _flip(line: str, before: CellResult, after: CellResult, with_runs_of: Both, catalogue: Catalogue) -> Flip:
    assert before.release is not None
    assert after.release is not None
    also = also_changed(line, before.packages, after.packages)
    sides = [catalogue.find(line, release) for release in (before.release, after.release)]
    suspect, certain = same_code(before, after, catalogue), not open_question(before, after)
    culprits = [name for name in also if name in PACKAGES] if sides[0].code == sides[1].code else []
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
            *(f"{line} itself has the same code on both sides: {name} has changed" for name in culprits),
            *_extras(before, after),
            *_combined_remarks(with_runs_of),
        ],
    )


def also_changed(line: str, before: dict[str, str], after: dict[str, str]) -> dict[str, tuple[str | None, str | None]]:
    """Return the packages, other than that of the line, whose versions differ, by name."""
    others = sorted({*before, *after} - {line})
    return {name: (before.get(name), after.get(name)) for name in others if before.get(name) != after.get(name)}


def _remarks(before: CellResult, after: CellResult, line: str, *, suspect: bool, certain: bool) -> list[str]:
    remarks = []
    if suspect:
        remarks.append(f"suspect: {line} has the same code on both sides; another package or chance may be the cause")
    if not certain:
        rates = f"{failing_rate(before)}; {failing_rate(after)}"
        remarks.append(f"the rate is not known well enough to call it a flip: {rates}")
    if before.python != after.python:
        remarks.append(f"on another Python: {before.python}, then {after.python}")
    return remarks


def _extras(before: CellResult, after: CellResult) -> list[str]:
    """Return packages that the scenario needs and that are equal on both sides; others are in `also_changed`."""
    if undeclared(before.scenario, before.variant):
        return []
    names = needs(declared()[before.scenario], before.variant)
    same = [name for name in names if name in before.packages and before.packages[name] == after.packages.get(name)]
    return [f"on both sides: {', '.join(f'{name} {before.packages[name]}' for name in same)}"] if same else []


def _combined_remarks(with_runs_of: Both) -> list[str]:
    sides = zip(("before", "after"), with_runs_of, strict=True)
    return [f"{side}: with the runs of {', '.join(found)}, which has the same code" for side, found in sides if found]

"""Every change of behaviour along a release line. Pure: takes the cells of the line, measures nothing.

A release that could not be judged is listed as skipped, and its neighbours are compared with each other. Neighbours
that chance decides are compared as a gate compares them: by blocks of runs, or by runs in turns. What these leave open
is listed as undecided: neither a flip nor equal.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING, Literal

import msgspec

from ...catalogue.packages import PACKAGES
from ...catalogue.releases import Catalogue, load
from ...cells.select import undeclared
from ...scenarios import declared
from ...scenarios.declaration.scenario import needs
from ...verdict.compare import JUDGED, Change, compare, failing_rate, flips
from ...verdict.outcome import CellResult, name_of
from ...verdict.words import Status
from .same_code import code_groups, combined, neighbours, same_code

if TYPE_CHECKING:
    from ...measurement.paired import Comparison

Both = tuple[list[str], list[str]]
"""The releases of both sides of a flip."""

InTurns = Mapping[tuple[int, int], "Comparison"]
"""Neighbours, by the places of their cells, that were measured again by runs in turns."""
_NONE: InTurns = MappingProxyType({})


class Flip(msgspec.Struct, frozen=True, kw_only=True):
    """A change of behaviour between two releases.

    `released`: the days (UTC) of both. `also_changed`: versions of other packages, None if absent. `suspect`: client
    and pool have the same code on both sides. `certain`: chance leaves nothing open. `with_runs_of`: other releases
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
    """The answer of `flips`; `scenario` names all scenario variants, separated by commas.

    `undecided` has the neighbours that chance decides and whose runs do not suffice: neither flips nor equal.
    """

    schema: Literal["poolgate/flips"] = "poolgate/flips"
    version: Literal[1] = 1
    line: str
    scenario: str
    flips: list[Flip]
    cells: list[CellResult]
    skipped: list[Skipped]
    undecided: list[Flip] = []


def differing(cells: list[CellResult]) -> list[tuple[int, int]]:
    """Return the places of neighbours that flip: their rates have to be known well."""
    compared = combined_runs(cells)
    return [(one, other) for one, other in neighbours(cells) if flips(compared[one], compared[other])]


def combined_runs(cells: list[CellResult]) -> list[CellResult]:
    """Return the cells as they are compared: each with the runs of all neighbours that have the same code."""
    return combined(cells, load())


def flips_answer(line: str, cells: list[CellResult], catalogue: Catalogue, in_turns: InTurns = _NONE) -> FlipsAnswer:
    """Return all flips of the cells of a line, which are in release order."""
    changes = changes_of(line, cells, catalogue, in_turns)
    skipped = [
        Skipped(scenario=name_of(cell), release=cell.release or cell.target, status=cell.status, reason=cell.reason)
        for cell in cells
        if cell.status not in JUDGED
    ]
    return FlipsAnswer(
        line=line,
        scenario=", ".join(dict.fromkeys(name_of(cell) for cell in cells)),
        flips=[change for change in changes if change.certain],
        cells=cells,
        skipped=skipped,
        undecided=[change for change in changes if not change.certain],
    )


def changes_of(line: str, cells: Sequence[CellResult], catalogue: Catalogue, in_turns: InTurns = _NONE) -> list[Flip]:
    """Return the flips and the undecided neighbours, which are not `certain`, in the order of the cells.

    Neighbours with the same code are compared by their own runs, and a flip between them is suspect. All others are
    compared by the runs of their whole code group, unless they were run in turns.
    """
    groups = code_groups(cells, catalogue)
    found = []
    for pair, (before, after, certain) in _differences(cells, catalogue, in_turns):
        others = [[str(cells[n].release) for n in groups[at] if n != at] for at in pair]
        alone = pair in in_turns or groups[pair[0]] is groups[pair[1]]
        with_runs_of = ([], []) if alone else (others[0], others[1])
        remarks = [_of_turns(in_turns[pair])] if pair in in_turns else []
        found.append(_flip(line, before, after, with_runs_of, catalogue, certain=certain, remarks=remarks))
    return found


def left_to_chance(cells: Sequence[CellResult], catalogue: Catalogue) -> list[tuple[int, int]]:
    """Return the places of all neighbours that their runs leave undecided."""
    return [pair for pair, (_, _, certain) in _differences(cells, catalogue, _NONE) if not certain]


def by_chance(cells: Sequence[CellResult]) -> int:
    """Return how many pairs of neighbours chance decides; they share the error of their comparisons."""
    return sum(cells[one].by_chance or cells[other].by_chance for one, other in neighbours(cells))


def _differences(
    cells: Sequence[CellResult], catalogue: Catalogue, in_turns: InTurns
) -> Iterator[tuple[tuple[int, int], tuple[CellResult, CellResult, bool]]]:
    """Yield the neighbours that are not equal, as they are compared, and whether it is certain that they differ."""
    compared, groups, among = combined(cells, catalogue), code_groups(cells, catalogue), max(1, by_chance(cells))
    for one, other in neighbours(cells):
        same = groups[one] is groups[other]
        before, after = (cells[one], cells[other]) if same else (compared[one], compared[other])
        if same and not flips(before, after):
            continue
        differs = _differ(before, after, among)
        if (turns := in_turns.get((one, other))) is not None:
            before, after, differs = turns.base, turns.head, _decided(turns.change)
        if differs is not False:
            yield (one, other), (before, after, differs is True)


def _differ(before: CellResult, after: CellResult, among: int) -> bool | None:
    """Return whether two cells differ, compared among so many; None where chance leaves it open."""
    if not (before.by_chance or after.by_chance):
        return flips(before, after)
    change, _ = compare(before, after, among)
    # The rates are the same where all runs fail; they may fail in another way.
    if change is Change.SAME and before.status is after.status is Status.FAIL:
        return not before.keys.keys() & after.keys.keys()
    return _decided(change)


def _decided(change: Change) -> bool | None:
    return None if change is Change.UNKNOWN else change is not Change.SAME


def _flip(
    line: str,
    before: CellResult,
    after: CellResult,
    with_runs_of: Both,
    catalogue: Catalogue,
    *,
    certain: bool,
    remarks: list[str],
) -> Flip:
    assert before.release is not None
    assert after.release is not None
    also = also_changed(line, before.packages, after.packages)
    sides = [catalogue.find(line, release) for release in (before.release, after.release)]
    suspect = same_code(before, after, catalogue)
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
            *remarks,
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


def _of_turns(turns: Comparison) -> str:
    """Return what runs in turns have shown."""
    before, after = turns.base.release, turns.head.release
    counts = f"only {before} fails in {turns.only_base}, only {after} in {turns.only_head}"
    unseen = "no difference is seen" if turns.unseen is None else f"less than {turns.unseen} points are not seen"
    shown = f"{turns.pairs} pairs of runs in turns: {counts}"
    return shown if turns.change is not Change.UNKNOWN else f"{shown}; {unseen}"


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

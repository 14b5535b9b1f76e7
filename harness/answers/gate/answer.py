"""The answer of `gate`, and its pure parts: sort the compared cells, take out accepted deviations."""

from __future__ import annotations

from datetime import date
from typing import Literal

import msgspec

from ...cells.cell import variant_name
from ...environments.public_api import SurfaceChange
from ...errors import Exit, exit_of
from ...verdict.compare import Change, compare
from ...verdict.outcome import CellResult
from ..accepted import Deviation


class Side(msgspec.Struct, frozen=True, kw_only=True):
    """One of the two targets with its relevant packages; `reason` is set if it can't be installed."""

    spec: str
    python: str | None
    packages: dict[str, str]
    reason: str | None = None


class Compared(msgspec.Struct, frozen=True, kw_only=True):
    """A scenario variant on both sides."""

    scenario: str
    base: CellResult
    head: CellResult
    remark: str | None = None


class Accepted(msgspec.Struct, frozen=True, kw_only=True):
    """A cell that is worse and is covered by a deviation."""

    cell: Compared
    deviation: Deviation


class Fix(msgspec.Struct, frozen=True, kw_only=True):
    """The smallest change of pins that clears a finding; `change` maps a package to its versions before and after.

    If no candidate clears it, `target` is None. `tried` counts the candidates that were measured.
    """

    scenario: str
    target: str | None
    change: dict[str, list[str | None]]
    tried: int


class GateAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """The answer of `gate`. `changed` has the relevant packages that differ; if it is empty, nothing is run.

    `expired` deviations are past their day; `unneeded` ones cover no cell that is worse.
    """

    schema: Literal["poolgate/gate"] = "poolgate/gate"
    version: Literal[1] = 1
    base: Side
    head: Side
    changed: dict[str, list[str | None]]
    worse: list[Compared] = []
    better: list[Compared] = []
    same: list[Compared] = []
    unknown: list[Compared] = []
    accepted: list[Accepted] = []
    expired: list[Deviation] = []
    unneeded: list[Deviation] = []
    surface: list[SurfaceChange] = []
    fixes: list[Fix] = []
    remarks: list[str] = []


def judged(answer: GateAnswer, pairs: list[tuple[CellResult, CellResult]]) -> GateAnswer:
    """Return the answer with every pair (base, head) sorted into worse, better, same or unknown."""
    places: dict[Change, list[Compared]] = {change: [] for change in Change}
    for base, head in pairs:
        change, remark = compare(base, head)
        name = variant_name(head.scenario, head.variant)
        places[change].append(Compared(scenario=name, base=base, head=head, remark=remark))
    return msgspec.structs.replace(answer, **{change.value: cells for change, cells in places.items()})


def accept(answer: GateAnswer, deviations: list[Deviation], today: date) -> GateAnswer:
    """Return the answer with accepted cells moved from `worse` to `accepted`; an expired deviation accepts nothing."""
    current = [deviation for deviation in deviations if deviation.expires >= today]
    packages = answer.head.packages

    def first(cell: Compared, among: list[Deviation]) -> Deviation | None:
        return next((deviation for deviation in among if deviation.covers(cell.scenario, packages)), None)

    found = [(cell, first(cell, current)) for cell in answer.worse]
    needed = [deviation for deviation in deviations if any(first(cell, [deviation]) for cell in answer.worse)]
    return msgspec.structs.replace(
        answer,
        worse=[cell for cell, deviation in found if deviation is None],
        accepted=[Accepted(cell=cell, deviation=deviation) for cell, deviation in found if deviation is not None],
        expired=[deviation for deviation in needed if deviation.expires < today],
        unneeded=[deviation for deviation in deviations if deviation not in needed],
    )


def exit_for(answer: GateAnswer) -> Exit:
    """Return 1 if a cell is worse and not accepted, 3 if one is unknown, 5 if neither side can be installed."""
    codes = set()
    if answer.worse:
        codes.add(Exit.WORSE)
    if answer.unknown:
        codes.add(Exit.INCONCLUSIVE)
    if answer.base.reason and answer.head.reason:
        codes.add(Exit.HARNESS)
    return exit_of(codes)

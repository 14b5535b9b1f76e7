"""The answer of `gate`, and its pure parts: sort the compared cells, count families, take out accepted deviations."""

from __future__ import annotations

from datetime import date
from typing import Literal

import msgspec

from ...environments.public_api import SurfaceChange
from ...errors import Exit, exit_of
from ...verdict.compare import Change
from ...verdict.outcome import CellResult
from ..accepted import Deviation
from .families import Family

_COUNTED = ("worse", "better", "same")


class Side(msgspec.Struct, frozen=True, kw_only=True):
    """One of the two targets with its relevant packages; `reason` is set if it can't be installed."""

    spec: str
    python: str | None
    packages: dict[str, str]
    reason: str | None = None


class Compared(msgspec.Struct, frozen=True, kw_only=True):
    """A scenario variant on both sides; `client` names its family, `decides` whether it is core or cancellation.

    `suspect` is a core scenario that fails more often on head than on base, if only by the runs that there are.
    """

    scenario: str
    client: str
    base: CellResult
    head: CellResult
    remark: str | None = None
    decides: bool = True
    suspect: bool = False

    @property
    def by_chance(self) -> bool:
        """Return whether chance decides a side."""
        return self.base.by_chance or self.head.by_chance

    @property
    def stored(self) -> bool:
        """Return whether both results come from a ledger."""
        return self.base.cached and self.head.cached


class NotExercised(msgspec.Struct, frozen=True, kw_only=True):
    """A scenario variant of a changed family that was not compared, with the reason."""

    scenario: str
    client: str
    reason: str
    decides: bool = True


Placed = tuple[Change, Compared]
"""A compared cell with the change from base to head."""

STORED_CHANCE = "chance decides it, and the stored runs do not suffice; --budget SECONDS runs both sides in turn"
"""The reason why two stored results are not compared."""


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


class Destination(msgspec.Struct, frozen=True, kw_only=True):
    """Newer pins by stored verdicts: they clear `clears` of the cells `of` that are worse on head, and add others."""

    client: str
    target: str
    change: dict[str, list[str | None]]
    clears: int
    of: int
    adds: int = 0

    @property
    def whole(self) -> bool:
        """Return whether nothing is worse there."""
        return self.clears == self.of and not self.adds

    @property
    def gain(self) -> int:
        """Return how many cells fewer are worse there than on head."""
        return self.clears - self.adds


class GateAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """The answer of `gate`. `changed` has the relevant packages that differ; if it is empty, nothing is run.

    `unknown` cells have two results that can't be compared; `not_exercised` lists these and all that have none.
    `from_evidence` and `measured` count the compared cells. `expired` deviations are past their day; `unneeded` ones
    cover no cell that is worse.
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
    families: list[Family] = []
    not_exercised: list[NotExercised] = []
    from_evidence: int = 0
    measured: int = 0
    accepted: list[Accepted] = []
    expired: list[Deviation] = []
    unneeded: list[Deviation] = []
    surface: list[SurfaceChange] = []
    fixes: list[Fix] = []
    destinations: list[Destination] = []
    remarks: list[str] = []
    client: str | msgspec.UnsetType = msgspec.UNSET
    """The factory of a user's own client; absent for poolgate's client."""


def judged(answer: GateAnswer, found: list[Placed], missing: list[NotExercised]) -> GateAnswer:
    """Return the answer with every compared cell in worse, better, same or unknown, and its families counted."""
    places = {change: [cell for place, cell in found if place is change] for change in Change}
    exercised = [cell for place, cell in found if place is not Change.UNKNOWN]
    answer = msgspec.structs.replace(
        answer,
        **{change.value: cells for change, cells in places.items()},
        not_exercised=[*map(_undecided, places[Change.UNKNOWN]), *missing],
        from_evidence=sum(cell.stored for cell in exercised),
        measured=sum(not cell.stored for cell in exercised),
    )
    return _with_families(answer)


def _undecided(cell: Compared) -> NotExercised:
    reason = STORED_CHANCE if cell.stored and cell.by_chance else cell.remark or "undecided"
    return NotExercised(scenario=cell.scenario, client=cell.client, reason=reason, decides=cell.decides)


def _with_families(answer: GateAnswer) -> GateAnswer:
    return msgspec.structs.replace(answer, families=[_counted(family, answer) for family in answer.families])


def _counted(family: Family, answer: GateAnswer) -> Family:
    """Return a family with the counts of its cells, and whether what decides was exercised."""
    placed = {place: [cell for cell in getattr(answer, place) if cell.client == family.client] for place in _COUNTED}
    left = [cell for cell in answer.not_exercised if cell.client == family.client]
    accepted = [each.cell for each in answer.accepted if each.cell.client == family.client]
    compared = [*accepted, *(cell for cells in placed.values() for cell in cells)]
    asked = any(cell.decides for cell in (*compared, *left))
    return msgspec.structs.replace(
        family,
        **{place: len(cells) for place, cells in placed.items()},
        accepted=len(accepted),
        not_exercised=len(left),
        exercised=any(cell.decides or not asked for cell in compared),
    )


def accept(answer: GateAnswer, deviations: list[Deviation], today: date) -> GateAnswer:
    """Return the answer with accepted cells moved from `worse` to `accepted`; an expired deviation accepts nothing."""
    current = [deviation for deviation in deviations if deviation.expires >= today]
    packages = answer.head.packages

    def first(cell: Compared, among: list[Deviation]) -> Deviation | None:
        return next((deviation for deviation in among if deviation.covers(cell.scenario, packages)), None)

    found = [(cell, first(cell, current)) for cell in answer.worse]
    needed = [deviation for deviation in deviations if any(first(cell, [deviation]) for cell in answer.worse)]
    answer = msgspec.structs.replace(
        answer,
        worse=[cell for cell, deviation in found if deviation is None],
        accepted=[Accepted(cell=cell, deviation=deviation) for cell, deviation in found if deviation is not None],
        expired=[deviation for deviation in needed if deviation.expires < today],
        unneeded=[deviation for deviation in deviations if deviation not in needed],
    )
    return _with_families(answer)


def exit_for(answer: GateAnswer) -> Exit:
    """Return 1 if a cell is worse and not accepted, 5 if neither side can be installed.

    Return 3 if a family changed and none of its core or cancellation cells was exercised, or if a core cell fails more
    often on head and chance may be the cause.
    """
    codes = set()
    if answer.worse:
        codes.add(Exit.WORSE)
    if any(family.not_exercised and not family.exercised for family in answer.families):
        codes.add(Exit.INCONCLUSIVE)
    if any(cell.suspect for cell in answer.unknown):
        codes.add(Exit.INCONCLUSIVE)
    if answer.base.reason and answer.head.reason:
        codes.add(Exit.HARNESS)
    return exit_of(codes)

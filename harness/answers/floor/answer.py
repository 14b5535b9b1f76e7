"""The answer of `floor`: from which release on nothing more stops failing, among those that a requirement admits.

Pure: takes a requirement and stored verdicts, measures nothing. A release is only compared with releases on which the
same scenario variant was judged; what was not judged is named, and never counts as a pass.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import zip_longest
from typing import Literal

import msgspec
from packaging.requirements import Requirement
from packaging.version import Version

from ...catalogue.packages import CLIENT_OF, LINES
from ...cells.cell import variant_name
from ...cells.groups import OPTIONAL, TRIGGER, Group, group_of_declared
from ...scenarios.declaration.scenario import Scenario, Variant
from ...verdict.outcome import CellResult
from ...verdict.words import MEANING, After, Status
from ..release_line.line_history import Event, LineHistory, line_history, settled
from ..release_line.spans import Span
from ..release_line.stored import Releases
from .requirement import admitted, raised, raises, requirement_in

EXTRAS = {Group.HTTP2: "http2", Group.SOCKS: "socks"}
"""The extra of a client that brings what a group needs."""


class Stop(msgspec.Struct, frozen=True, kw_only=True):
    """A release at which a scenario variant stops failing; `previous` is the last judged release before it.

    `was` describes the failure there. `adjacent` is False where releases between both were not judged. `back_in` is the
    next release that fails again, None if there is none. `doubt` has the reasons why the change may be chance.
    """

    release: str
    released: str
    scenario: str
    group: str
    was: str
    failing: list[str]
    previous: str
    adjacent: bool
    back_in: str | None
    doubt: list[str]


class Remaining(msgspec.Struct, frozen=True, kw_only=True):
    """A scenario variant that fails on the newest judged release of the range, so that no lower bound avoids it."""

    scenario: str
    group: str
    release: str
    does: str
    since: str | None


class GroupFloor(msgspec.Struct, frozen=True, kw_only=True):
    """The floor of the scenarios of one group; `counts` is False for a group that the requirement does not bring."""

    group: str
    trigger: str
    needs: str | None
    counts: bool
    floor: str | None


class NotJudged(msgspec.Struct, frozen=True, kw_only=True):
    """The releases of the range on which a scenario variant is not judged, by the reason."""

    scenario: str
    group: str
    releases: dict[str, list[str]]


class FloorAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """The answer of `floor`.

    `floor` is the lowest release from which nothing more stops failing, in the groups that count; None if nothing is
    judged. `with_doubt` is the same with the changes that may be chance, `core` that of the core scenarios alone.
    `pyproject` is the requirement with that lower bound; `kept` is True if it has no higher one. `pool` is the pool of
    a client that is released apart: the newest that each release admits was measured. `judged` counts the scenario
    variants with a verdict.
    """

    schema: Literal["poolgate/floor"] = "poolgate/floor"
    version: Literal[1] = 1
    requirement: str
    line: str
    releases: list[str]
    floor: str | None
    with_doubt: str | None
    core: str | None
    pyproject: str | None
    kept: bool
    pool: str | None
    judged: int
    of: int
    groups: list[GroupFloor]
    stops: list[Stop]
    in_doubt: list[Stop]
    remaining: list[Remaining]
    not_judged: list[NotJudged]
    stale: int


class _Column(msgspec.Struct, frozen=True):
    """A scenario variant with its group, and its history in the range; None if nothing is stored."""

    scenario: Scenario
    name: str
    group: Group
    history: LineHistory | None

    @property
    def first(self) -> str | None:
        return self.history.first if self.history else None


def floor_answer(text: str, chosen: Sequence[tuple[Scenario, Variant]], known: Releases) -> FloorAnswer:
    """Return the answer for a requirement such as `httpx2>=2.0,<3`, from the scenario variants that were chosen.

    Raises UsageError if it can't be read, NothingSelectedError if it admits no release.
    """
    requirement = requirement_in(text)
    versions = admitted(requirement)
    columns = [_column(requirement.name, each, known, versions) for each in chosen]
    stops = [stop for column in columns for stop in _stops(column, known)]
    sure = [stop for stop in stops if not stop.doubt]
    counting = [column for column in columns if _counts(column.group, requirement, chosen)]
    floor = _floor(counting, sure)
    kept = floor is None or not raises(requirement, floor)
    return FloorAnswer(
        requirement=text,
        line=requirement.name,
        releases=versions,
        floor=floor,
        with_doubt=_floor(counting, stops),
        core=_floor([column for column in counting if column.scenario.core], sure),
        pyproject=(text if kept else raised(requirement, floor)) if floor else None,
        kept=kept,
        pool=next((pool for pool, client in CLIENT_OF.items() if client == requirement.name and pool in LINES), None),
        judged=sum(column.first is not None for column in columns),
        of=len(columns),
        groups=list(_groups(columns, counting, sure)),
        stops=sorted(sure, key=_newest_first, reverse=True),
        in_doubt=sorted((stop for stop in stops if stop.doubt), key=_newest_first, reverse=True),
        remaining=[_remaining(column) for column in columns if _fails_last(column)],
        not_judged=[each for column in columns for each in _not_judged(column, versions)],
        stale=sum(column.history.stale for column in columns if column.history),
    )


def _column(line: str, chosen: tuple[Scenario, Variant], known: Releases, versions: Sequence[str]) -> _Column:
    scenario, variant = chosen
    name = variant_name(scenario.id, variant)
    history = line_history(line, name, known, versions=versions)
    return _Column(scenario, name, group_of_declared(scenario, variant), history)


def _counts(group: Group, requirement: Requirement, chosen: Sequence[tuple[Scenario, Variant]]) -> bool:
    """Return whether a group counts: it needs nothing more, the requirement brings it, or only it was chosen."""
    alone = {group_of_declared(*each) for each in chosen} == {group}
    return alone or group not in OPTIONAL or EXTRAS.get(group) in requirement.extras


def _stops(column: _Column, known: Releases) -> Iterable[Stop]:
    history = column.history
    events = settled(history.events)[0] if history else []
    for event, later in zip_longest(events, events[1:]):
        if history is not None and event.kind == "fixed":
            before = known[f"{history.line}=={event.previous}"][column.name]
            yield _stop(column, history, event, later, before)


def _stop(column: _Column, history: LineHistory, event: Event, later: Event | None, before: CellResult) -> Stop:
    return Stop(
        release=event.release,
        released=event.released,
        scenario=column.name,
        group=column.group,
        was=_was(before),
        failing=[each for each in history.failing if Version(each.split()[0]) < Version(event.release)],
        previous=event.previous,
        adjacent=event.adjacent,
        back_in=later.release if later else None,
        doubt=event.doubt,
    )


def _was(cell: CellResult) -> str:
    """Return what a failing cell leaves behind; where the pool is whole again, what happened under load."""
    rate = f" in {cell.rate.failed} of {cell.rate.runs} runs" if cell.rate else ""
    harm = cell.burst if cell.after is After.SERVES else cell.after
    return f"{MEANING[harm]}{rate}" if harm else "it fails"


def _floor(columns: Sequence[_Column], stops: Iterable[Stop]) -> str | None:
    """Return the last release at which one of the columns stops failing for good.

    Without one, it is the first release with a verdict; None if nothing is judged.
    """
    names = {column.name for column in columns}
    lasting = [stop.release for stop in stops if stop.scenario in names and stop.back_in is None]
    first = [column.first for column in columns if column.first is not None]
    return max([*lasting, min(first, key=Version)], key=Version) if first else None


def _groups(columns: Sequence[_Column], counting: Sequence[_Column], stops: Sequence[Stop]) -> Iterable[GroupFloor]:
    for group in Group:
        of_group = [column for column in columns if column.group is group]
        if of_group:
            yield GroupFloor(
                group=group,
                trigger=TRIGGER[group],
                needs=OPTIONAL.get(group),
                counts=of_group[0] in counting,
                floor=_floor(of_group, stops),
            )


def _newest_first(stop: Stop) -> Version:
    return Version(stop.release)


def _fails_last(column: _Column) -> bool:
    return column.history is not None and column.history.status in {Status.FAIL, Status.FLAKY}


def _remaining(column: _Column) -> Remaining:
    assert column.history is not None
    assert column.history.last is not None
    assert column.history.does is not None
    events = settled(column.history.events)[0]
    return Remaining(
        scenario=column.name,
        group=column.group,
        release=column.history.last,
        does=column.history.does,
        since=events[-1].release if events and events[-1].kind != "fixed" else None,
    )


def _not_judged(column: _Column, versions: Sequence[str]) -> Iterable[NotJudged]:
    nothing = {"not measured": [str(Span(versions[0], versions[-1]))]}
    releases = column.history.not_judged if column.history else nothing
    if releases:
        yield NotJudged(scenario=column.name, group=column.group, releases=releases)

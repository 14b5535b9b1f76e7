"""The history of a failure along a release line: where it was fixed, where it came back, and what was not judged."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import groupby, pairwise, takewhile
from typing import Literal

import msgspec

from ...catalogue.releases import load
from ...verdict.compare import FAILING, JUDGED, failing_rate
from ...verdict.outcome import CellResult
from ...verdict.rate import Rate, rate_of
from ...verdict.wording import does_of
from ...verdict.words import Freshness, Status
from ..claims.judge import on_axis
from .spans import Span
from .stored import Releases, along
from .timeline import Change, timeline_of

_SEVERAL = 3
"""Releases on each side of a change that decide it together."""
_NEAR = 8
"""Releases on each side that count at most: the nearest ones."""

Kind = Literal["fixed", "broken", "broken again"]


class Event(msgspec.Struct, frozen=True, kw_only=True):
    """A release that fixed a failure or broke it; `previous` is the last judged release before it.

    `adjacent` is False where releases between both were not judged. `doubt` has the reasons why it may be chance: two
    cells alone do not decide it, and neither do the releases before and after it together.
    """

    release: str
    released: str
    kind: Kind
    previous: str
    adjacent: bool
    doubt: list[str]


class LineHistory(msgspec.Struct, frozen=True, kw_only=True):
    """A failure along a release line, from stored verdicts.

    `releases` counts all releases up to the `newest`, `judged` the judged ones, `first` to `last`. `failing` has those
    that fail, as few ranges as possible. `fixed_in` is the first of the passing releases at the end of the line, None
    where the last one fails or none fails; `returned_in` has the releases that brought the failure back. `does`
    describes the last judged release.
    `not_judged` has the other releases of the line, by the reason. `stale` counts verdicts of an older instrument.
    `command` lists the changes with their evidence.
    """

    line: str
    newest: str
    releases: int
    judged: int
    first: str | None
    last: str | None
    failing: list[str]
    fixed_in: str | None
    returned_in: list[str]
    events: list[Event]
    status: Status | None
    does: str | None
    stale: int
    not_judged: dict[str, list[str]]
    command: str


def line_history(
    line: str, name: str, known: Releases, axis: str | None = None, versions: Sequence[str] = ()
) -> LineHistory | None:
    """Return the history of a scenario variant on a line; None if nothing is stored about it.

    `axis` restricts the verdict as in a claim. `versions` restricts the line to these releases, oldest first.
    """
    asked = list(versions) or [release.version for release in load().releases(line)]
    cells = [on_axis(cell, axis) for cell in along(line, name, known) if cell.release in asked]
    if not cells:
        return None
    timeline = timeline_of(line, [cell.target for cell in cells], name, cells)
    judged = [cell for cell in cells if cell.status in JUDGED]
    return LineHistory(
        line=line,
        newest=asked[-1],
        releases=len(asked),
        judged=len(judged),
        first=judged[0].release if judged else None,
        last=judged[-1].release if judged else None,
        failing=failing_ranges(judged),
        fixed_in=timeline.fixed_in,
        returned_in=[change.release for change in timeline.changes if change.kind == "broken again"],
        events=list(_events(timeline.changes, judged, asked)),
        status=judged[-1].status if judged else None,
        does=does_of(judged[-1]) if judged else None,
        stale=sum(cell.freshness is Freshness.STALE for cell in cells),
        not_judged=not_judged(cells, asked),
        command=timeline.flips,
    )


def _events(changes: Sequence[Change], judged: Sequence[CellResult], versions: Sequence[str]) -> Iterable[Event]:
    before = {str(after.release): str(one.release) for one, after in pairwise(judged)}
    for change in changes:
        if change.kind == "fixed" or change.kind == "broken" or change.kind == "broken again":
            previous = before[change.release]
            yield Event(
                release=change.release,
                released=change.released,
                kind=change.kind,
                previous=previous,
                adjacent=versions.index(change.release) == versions.index(previous) + 1,
                doubt=[] if change.doubt and _is_decided(change, judged) else change.doubt,
            )


def _is_decided(change: Change, judged: Sequence[CellResult]) -> bool:
    """Return whether the releases around a change decide what two cells leave open.

    Each release was measured by itself. With at least three on each side, all of which fail or all of which pass, the
    intervals of their failing runs must not overlap. The same code on both sides stays in doubt.
    """
    if any(remark.startswith("suspect") for remark in change.doubt):
        return False
    at = next(n for n, cell in enumerate(judged) if cell.release == change.release)
    before = [*takewhile(lambda cell: _fails(cell) is _fails(judged[at - 1]), reversed(judged[:at]))][:_NEAR]
    after = [*takewhile(lambda cell: _fails(cell) is _fails(judged[at]), judged[at:])][:_NEAR]
    if _fails(judged[at]) is _fails(judged[at - 1]) or min(len(before), len(after)) < _SEVERAL:
        return False
    one, other = _pooled(before), _pooled(after)
    return one.high < other.low or other.high < one.low


def _pooled(cells: Sequence[CellResult]) -> Rate:
    """Return the rate of failing runs of several cells together."""
    rates = [rate for cell in cells if (rate := failing_rate(cell)) is not None]
    return rate_of(sum(rate.failed for rate in rates), sum(rate.runs for rate in rates))


def failing_ranges(judged: Sequence[CellResult]) -> list[str]:
    """Return the releases that fail, as few ranges as possible; a release that was not judged does not divide one."""
    runs = [[str(cell.release) for cell in run] for fails, run in groupby(judged, _fails) if fails]
    return [str(Span(run[0], run[-1])) for run in runs]


def not_judged(cells: Sequence[CellResult], versions: Sequence[str]) -> dict[str, list[str]]:
    """Return the ranges of releases without a judgement, by their status, `stale` or `not measured`."""
    status = {str(cell.release): _reason(cell) for cell in cells}
    releases = [(status.get(version, "not measured"), version) for version in versions]
    ranges: dict[str, list[str]] = {}
    for reason, run in groupby(releases, lambda pair: pair[0]):
        of_run = [version for _, version in run]
        if reason not in JUDGED:
            ranges.setdefault(reason, []).append(str(Span(of_run[0], of_run[-1])))
    return ranges


def _reason(cell: CellResult) -> str:
    """Return the status of a cell; a pass that is stale is not judged for that reason."""
    return "stale" if cell.freshness is Freshness.STALE and cell.status not in JUDGED else cell.status.value


def _fails(cell: CellResult) -> bool:
    return cell.status in FAILING


def settled(events: Iterable[Event]) -> tuple[list[Event], list[str]]:
    """Return the events without pairs of opposite ones that are both in doubt, and the releases of such pairs."""
    kept: list[Event] = []
    doubtful: list[str] = []
    for event in events:
        if kept and kept[-1].doubt and event.doubt:
            doubtful.append(kept.pop().release)
        else:
            kept.append(event)
    return kept, doubtful

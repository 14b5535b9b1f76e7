"""A failure along a release line: spans of equal behaviour, the releases that changed it, the release that fixed it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import Literal

import msgspec

from ...catalogue.releases import load
from ...cells.commands import flips_command, run_line_command
from ...verdict.compare import FAILING, JUDGED, compare, flips
from ...verdict.compare import Change as Direction
from ...verdict.outcome import CellResult, name_of
from ...verdict.wording import does_of, words_of
from ...verdict.words import Status
from .flips import Flip, changes_of
from .spans import Span

Kind = Literal["fixed", "broken again", "broken", "better", "worse", "changed"]


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """A release that behaves differently from the last judged one before it; `released` is its day (UTC).

    `doubt` has the reasons why it may not be a change: the same code on both sides, or a rate that is left open.
    """

    release: str
    released: str
    kind: Kind
    before: str
    after: str
    doubt: list[str]


class TimelineSpan(Span, frozen=True, kw_only=True):
    """A span of equal behaviour; `released` is the day (UTC) of its first release, `does` describes the behaviour.

    `kind` is the kind of the change at the first release; empty if there is none.
    """

    released: str
    status: Status
    kind: str
    does: str


class Timeline(msgspec.Struct, frozen=True, kw_only=True):
    """A failure along a release line: its spans and changes.

    `fixed_in` is the first of the passing releases at the end of the line, None if there is none. `command` measures
    the line, `flips` lists its changes.
    """

    scenario: str
    line: str
    spans: list[TimelineSpan] = msgspec.field(name="stretches")
    changes: list[Change] = msgspec.field(name="turns")
    fixed_in: str | None = msgspec.field(name="mended")
    command: str
    flips: str

    @property
    def newest(self) -> TimelineSpan | None:
        """Return the last span that was judged."""
        return next((each for each in reversed(self.spans) if each.status in JUDGED), None)

    @property
    def failing(self) -> list[str]:
        """Return the releases that fail, as few ranges as possible."""
        runs = [list(group) for fails, group in groupby(self.spans, lambda each: each.status in FAILING) if fails]
        return [str(Span(run[0].first, run[-1].last)) for run in runs]


def timeline_of(line: str, specs: Sequence[str], scenario: str, cells: Sequence[CellResult]) -> Timeline:
    """Return the timeline of a scenario variant along a line; `specs` are the targets of its releases, oldest first."""
    on_line = {cell.target: cell for cell in cells if name_of(cell) == scenario}
    versions = [(spec.partition("==")[2], on_line[spec]) for spec in specs]
    releases = [(version, msgspec.structs.replace(cell, line=line, release=version)) for version, cell in versions]
    judged = [(version, cell) for version, cell in releases if cell.status in JUDGED]
    changes = list(_changes(line, [cell for _, cell in releases]))
    return Timeline(
        scenario=scenario,
        line=line,
        spans=list(_spans(line, releases, changes)),
        changes=changes,
        fixed_in=_fixed_in(judged),
        command=run_line_command([scenario], line),
        flips=flips_command([scenario], line),
    )


def _changes(line: str, cells: list[CellResult]) -> Iterable[Change]:
    fixed = False
    for flip in changes_of(line, cells, load()):
        # Equal words of a span whose rates are left open are no change to show.
        if not (flip.certain or flips(flip.before, flip.after)):
            continue
        yield Change(
            release=flip.to,
            released=flip.released[1],
            kind=_kind(flip, fixed=fixed),
            before=words_of(flip.before),
            after=words_of(flip.after),
            doubt=flip.remarks if flip.suspect or not flip.certain else [],
        )
        fixed = fixed or flip.after.status is Status.PASS


def _kind(flip: Flip, *, fixed: bool) -> Kind:
    if flip.before.status is flip.after.status is Status.PASS:
        return "changed"
    if flip.after.status is Status.PASS:
        return "fixed"
    if flip.before.status is Status.PASS:
        return "broken again" if fixed else "broken"
    direction, _ = compare(flip.before, flip.after)
    return "better" if direction is Direction.BETTER else "worse" if direction is Direction.WORSE else "changed"


def _spans(line: str, releases: Sequence[tuple[str, CellResult]], changes: Sequence[Change]) -> Iterable[TimelineSpan]:
    kinds = {change.release: change.kind + ("?" if change.doubt else "") for change in changes}
    for (status, _), group in groupby(releases, key=lambda pair: (pair[1].status, pair[1].key)):
        (first, cell), *others = group
        yield TimelineSpan(
            first=first,
            last=others[-1][0] if others else first,
            released=load().find(line, first).date,
            status=status,
            kind=kinds.get(first, ""),
            does=does_of(cell) + ("" if {other.reason for _, other in others} <= {cell.reason} else ", among others"),
        )


def _fixed_in(judged: Sequence[tuple[str, CellResult]]) -> str | None:
    """Return the first of the passing releases at the end of a line; None if the last one fails or all pass."""
    passing = 0
    while passing < len(judged) and judged[-1 - passing][1].status is Status.PASS:
        passing += 1
    return judged[-passing][0] if 0 < passing < len(judged) else None

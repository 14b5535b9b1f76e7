"""A failure along a release line: where it is there, each release that changed it, and as of which it is gone."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import Literal

import msgspec

from .answers import CellAnswer
from .catalogue import load
from .comparing import JUDGED, Change, compare
from .flips import Flip, answer_of
from .spans import Span
from .verdicts import Status

Kind = Literal["fixed", "broken again", "broken", "better", "worse", "changed"]


class Turn(msgspec.Struct, frozen=True, kw_only=True):
    """A release that behaves otherwise than the one judged before it; `released` is its day (UTC).

    `doubt` says why it may be none: the same code on both sides, or a rate that is not known well enough.
    """

    release: str
    released: str
    kind: Kind
    before: str
    after: str
    doubt: list[str]


class Course(msgspec.Struct, frozen=True, kw_only=True):
    """A failure along a release line: its spans and turns, and the release as of which it is gone for good.

    `mended` is None where it is not; `command` measures the line, `flips` tells its turns.
    """

    scenario: str
    line: str
    spans: list[str]
    turns: list[Turn]
    mended: str | None
    command: str
    flips: str


def course_of(line: str, specs: Sequence[str], scenario: str, cells: Sequence[CellAnswer]) -> Course:
    """The course of a scenario along a line, whose releases as targets are `specs`, oldest first."""
    on_line = {cell.target: cell for cell in cells if cell.scenario == scenario}
    versions = [(spec.partition("==")[2], on_line[spec]) for spec in specs]
    told = [(version, msgspec.structs.replace(cell, line=line, release=version)) for version, cell in versions]
    judged = [(version, cell) for version, cell in told if cell.status in JUDGED]
    return Course(
        scenario=scenario,
        line=line,
        spans=[str(span) for span in _spans(told)],
        turns=list(_turns(line, [cell for _, cell in told])),
        mended=_mended(judged),
        command=shlex.join(["poolgate", "run", scenario, "--line", line]),
        flips=shlex.join(["poolgate", "flips", scenario, "--line", line]),
    )


def _turns(line: str, cells: list[CellAnswer]) -> Iterable[Turn]:
    fixed = False
    for flip in answer_of(line, cells, load()).flips:
        yield Turn(
            release=flip.to,
            released=flip.released[1],
            kind=_kind(flip, fixed=fixed),
            before=words_of(flip.before),
            after=words_of(flip.after),
            doubt=flip.remarks if flip.suspect or not flip.certain else [],
        )
        fixed = fixed or flip.after.status is Status.PASS


def _kind(flip: Flip, *, fixed: bool) -> Kind:
    if flip.after.status is Status.PASS:
        return "fixed"
    if flip.before.status is Status.PASS:
        return "broken again" if fixed else "broken"
    change, _ = compare(flip.before, flip.after)
    return "better" if change is Change.BETTER else "worse" if change is Change.WORSE else "changed"


def words_of(cell: CellAnswer) -> str:
    """Status and key of a cell, with its rate where it has one; the reason where it was not judged."""
    rate = f" in {cell.rate.failed} of {cell.rate.runs} runs" if cell.rate else ""
    return f"{cell.status} {cell.key or cell.reason or ''}{rate}".strip()


def _spans(told: Sequence[tuple[str, CellAnswer]]) -> Iterable[Span]:
    for (status, key), group in groupby(told, key=lambda pair: (pair[1].status, pair[1].key)):
        versions = [version for version, _ in group]
        yield Span(versions[0], versions[-1], status, key)


def _mended(judged: Sequence[tuple[str, CellAnswer]]) -> str | None:
    """The first release of the passing ones at the end of a line; None where the last does not pass, or all do."""
    passing = 0
    while passing < len(judged) and judged[-1 - passing][1].status is Status.PASS:
        passing += 1
    return judged[-passing][0] if 0 < passing < len(judged) else None

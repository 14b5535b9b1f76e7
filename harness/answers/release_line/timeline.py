"""A failure along a release line: what each stretch of it does, each release that changed it, and where it is gone."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import Literal

import msgspec

from ...catalogue.releases import load
from ...verdict.compare import FAILING, JUDGED, Change, compare
from ...verdict.outcome import CellResult
from ...verdict.wording import does_of, words_of
from ...verdict.words import Status
from .flips import Flip, answer_of

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


class Stretch(msgspec.Struct, frozen=True, kw_only=True):
    """Neighbouring releases that do the same, `first` to `last`; `released` is the day (UTC) of the first.

    `does` says it in words. `kind` is that of the turn that the first of them is; empty where it is none.
    """

    first: str
    last: str
    released: str
    status: Status
    kind: str
    does: str

    def __str__(self) -> str:
        return self.first if self.first == self.last else f"{self.first} to {self.last}"


class Course(msgspec.Struct, frozen=True, kw_only=True):
    """A failure along a release line: its stretches and turns, and the release as of which it is gone.

    `mended` is None where it is not; `command` measures the line, `flips` tells its turns.
    """

    scenario: str
    line: str
    stretches: list[Stretch]
    turns: list[Turn]
    mended: str | None
    command: str
    flips: str

    @property
    def newest(self) -> Stretch | None:
        """The last stretch that was judged."""
        return next((each for each in reversed(self.stretches) if each.status in JUDGED), None)

    @property
    def failing(self) -> list[str]:
        """Where it fails, in as few words as can be."""
        runs = [list(group) for fails, group in groupby(self.stretches, lambda each: each.status in FAILING) if fails]
        return [run[0].first if run[0].first == run[-1].last else f"{run[0].first} to {run[-1].last}" for run in runs]


def course_of(line: str, specs: Sequence[str], scenario: str, cells: Sequence[CellResult]) -> Course:
    """The course of a scenario along a line, whose releases as targets are `specs`, oldest first."""
    on_line = {cell.target: cell for cell in cells if cell.scenario == scenario}
    versions = [(spec.partition("==")[2], on_line[spec]) for spec in specs]
    told = [(version, msgspec.structs.replace(cell, line=line, release=version)) for version, cell in versions]
    judged = [(version, cell) for version, cell in told if cell.status in JUDGED]
    turns = list(_turns(line, [cell for _, cell in told]))
    return Course(
        scenario=scenario,
        line=line,
        stretches=list(_stretches(line, told, turns)),
        turns=turns,
        mended=_mended(judged),
        command=shlex.join(["poolgate", "run", scenario, "--line", line]),
        flips=shlex.join(["poolgate", "flips", scenario, "--line", line]),
    )


def _turns(line: str, cells: list[CellResult]) -> Iterable[Turn]:
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


def _stretches(line: str, told: Sequence[tuple[str, CellResult]], turns: Sequence[Turn]) -> Iterable[Stretch]:
    kinds = {turn.release: turn.kind + ("?" if turn.doubt else "") for turn in turns}
    for (status, _), group in groupby(told, key=lambda pair: (pair[1].status, pair[1].key)):
        (first, cell), *others = group
        yield Stretch(
            first=first,
            last=others[-1][0] if others else first,
            released=load().find(line, first).date,
            status=status,
            kind=kinds.get(first, ""),
            does=does_of(cell) + ("" if {other.reason for _, other in others} <= {cell.reason} else ", among others"),
        )


def _mended(judged: Sequence[tuple[str, CellResult]]) -> str | None:
    """The first release of the passing ones at the end of a line; None where the last does not pass, or all do."""
    passing = 0
    while passing < len(judged) and judged[-1 - passing][1].status is Status.PASS:
        passing += 1
    return judged[-passing][0] if 0 < passing < len(judged) else None

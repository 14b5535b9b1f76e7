"""A failure along a release line: where it is there, and the release as of which it is gone for good."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Sequence
from itertools import groupby

import msgspec

from .answers import CellAnswer
from .comparing import JUDGED
from .spans import Span
from .verdicts import Status


class Course(msgspec.Struct, frozen=True, kw_only=True):
    """A failure along a release line: its spans, the release as of which it is gone for good, None where it is not."""

    scenario: str
    line: str
    spans: list[str]
    mended: str | None
    command: str


def course_of(line: str, specs: Sequence[str], scenario: str, cells: Sequence[CellAnswer]) -> Course:
    """The course of a scenario along a line, whose releases as targets are `specs`, oldest first."""
    on_line = {cell.target: cell for cell in cells if cell.scenario == scenario}
    told = [(spec.partition("==")[2], on_line[spec]) for spec in specs]
    judged = [(version, cell) for version, cell in told if cell.status in JUDGED]
    return Course(
        scenario=scenario,
        line=line,
        spans=[str(span) for span in _spans(told)],
        mended=_mended(judged),
        command=shlex.join(["poolgate", "run", scenario, "--line", line]),
    )


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

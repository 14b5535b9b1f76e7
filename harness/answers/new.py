"""The answer of `new`: what the releases of a period change, each against its predecessor.

Pure: takes the cells of each line, oldest release first, and measures nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Literal

import msgspec

from ..catalogue.packages import LINES
from ..catalogue.releases import Catalogue, Release
from ..errors import Exit, exit_of
from ..verdict.outcome import CellResult
from ..verdict.words import Status
from .release_line.flips import Flip, FlipsAnswer

_RANK = {Status.PASS: 0, Status.FLAKY: 1, Status.FAIL: 2}


class NewRelease(msgspec.Struct, frozen=True, kw_only=True):
    """A release of a period and the one before it; `same_code` where both have the same, apart from the version."""

    line: str
    release: str
    date: str
    predecessor: str
    same_code: bool


class NewAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """The answer of `new`: releases after the day `since`, up to the day `until`, and the flips of each line.

    `worse`, `better` and `different` count the flips by their status. `catalogue` is the file that has releases which
    the packaged catalogue lacks; None if there are none.
    """

    schema: Literal["poolgate/new"] = "poolgate/new"
    version: Literal[1] = 1
    since: str
    until: str
    catalogue: str | None
    releases: list[NewRelease]
    worse: int
    better: int
    different: int
    lines: list[FlipsAnswer]


class Period(msgspec.Struct, frozen=True, kw_only=True):
    """The releases of a line in a period, oldest first, with the one before them."""

    line: str
    before: Release
    releases: list[Release]

    @property
    def pairs(self) -> Iterator[tuple[Release, Release]]:
        """Yield each release with its predecessor."""
        yield from zip([self.before, *self.releases], self.releases, strict=False)


def periods(catalogue: Catalogue, since: str, until: str) -> list[Period]:
    """Return the period of each line that has a release after the day `since`, up to the day `until`.

    A line's first release has nothing to be compared with. A patch of an older series counts from its own series.
    """
    found = []
    for line in LINES:
        known = catalogue.releases(line)
        within = [n for n, release in enumerate(known) if n and since < release.date <= until]
        if within:
            found.append(Period(line=line, before=known[within[0] - 1], releases=[known[n] for n in within]))
    return found


def new_answer(
    since: str, until: str, catalogue: str | None, found: Sequence[Period], lines: list[FlipsAnswer]
) -> NewAnswer:
    """Return the answer from the flips of each period."""
    ways = [way_of(flip) for line in lines for flip in line.flips]
    return NewAnswer(
        since=since,
        until=until,
        catalogue=catalogue,
        releases=[_row(period.line, *pair) for period in found for pair in period.pairs],
        worse=ways.count("worse"),
        better=ways.count("better"),
        different=ways.count("different"),
        lines=lines,
    )


def way_of(flip: Flip) -> Literal["worse", "better", "different"]:
    """Return whether a release fails where its predecessor passed, passes where it failed, or fails in another way."""
    before, after = _rank(flip.before), _rank(flip.after)
    if before == after:
        return "different"
    return "worse" if after > before else "better"


def exit_for(answer: NewAnswer) -> Exit:
    """Return 1 if a release is worse, 3 if something was not judged or is undecided, else 0."""
    codes = {Exit.WORSE} if answer.worse else set()
    if any(line.skipped or line.undecided for line in answer.lines):
        codes.add(Exit.INCONCLUSIVE)
    return exit_of(codes)


def _row(line: str, before: Release, release: Release) -> NewRelease:
    return NewRelease(
        line=line,
        release=release.version,
        date=release.date,
        predecessor=before.version,
        same_code=before.code == release.code,
    )


def _rank(cell: CellResult) -> tuple[int, float]:
    rate = cell.rate.failed / cell.rate.runs if cell.rate else 0.0
    return _RANK[cell.status], rate

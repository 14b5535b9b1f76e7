"""Spans of neighbouring releases that behave the same, from stored verdicts."""

from __future__ import annotations

import itertools
from collections.abc import Container, Iterable, Iterator, Sequence

import msgspec

from ...catalogue.packages import LINES
from ...catalogue.releases import Catalogue, load
from ...cells.cell import variant_name
from ...ledger.stack import Entry, Stack
from ...scenarios.declaration.scenario import Variant
from ...verdict.key_words import stale_words, verdict_words
from ...verdict.words import Freshness, Status


class Span(msgspec.Struct, frozen=True):
    """Neighbouring releases of a line, `first` to `last`, ends included."""

    first: str
    last: str

    def __str__(self) -> str:
        return self.first if self.first == self.last else f"{self.first} to {self.last}"


class StoredSpan(Span, frozen=True):
    """A span with one stored status and key; both are None if nothing is stored."""

    status: Status | None
    key: str | None
    freshness: Freshness = Freshness.SAME

    def __str__(self) -> str:
        releases = super().__str__()
        if self.status is None:
            return f"{releases} not measured"
        if self.freshness is Freshness.STALE:
            return f"{releases} {stale_words('**stale**', self.key)}"
        status = self.status if self.status is Status.PASS else f"**{self.status}**"
        return f"{releases} {verdict_words(status, self.key)}"


def spans(
    catalogue: Catalogue, stacks: Sequence[Stack], line: str, scenario: str, variant: Variant
) -> list[StoredSpan]:
    """Return the spans of a line, oldest first; for a release measured on several Pythons, the first one counts."""
    known = [
        (release.version, _entry(stacks, f"{line}=={release.version}", scenario, variant))
        for release in catalogue.releases(line)
    ]
    return [
        StoredSpan(versions[0], versions[-1], *behaviour)
        for behaviour, group in itertools.groupby(known, key=lambda pair: _behaviour(pair[1]))
        if (versions := [version for version, _ in group])
    ]


def measured(stacks: Sequence[Stack]) -> list[tuple[str, Variant]]:
    """Return the scenario variants that any stack has an entry for, sorted by name."""
    cells = [cell for stack in stacks for cell in stack.cells]
    found = {variant_name(cell.scenario, cell.variant): (cell.scenario, cell.variant) for cell in cells}
    return [found[name] for name in sorted(found)]


def _entry(stacks: Sequence[Stack], release: str, scenario: str, variant: Variant) -> Entry | None:
    entries = (stack.find(scenario, variant) for stack in stacks if release in stack.releases)
    return next((entry for entry in entries if entry is not None), None)


def _behaviour(entry: Entry | None) -> tuple[Status | None, str | None, Freshness]:
    """Return what is equal within a span; qualified verdicts count like those of the same instrument."""
    if entry is None:
        return None, None, Freshness.SAME
    return entry.status, entry.key, Freshness.STALE if entry.stale else Freshness.SAME


def in_ranges(specs: Iterable[str]) -> list[str]:
    """Return targets in few words: releases that follow each other as `LINE FIRST to LAST`, others verbatim."""
    asked = dict.fromkeys(specs)
    listed = [name for line in LINES for name in _ranges(line, asked)]
    on_lines = {f"{line}=={release.version}" for line in LINES for release in load().releases(line)}
    return [*listed, *(spec for spec in asked if spec not in on_lines)]


def _ranges(line: str, asked: Container[str]) -> Iterator[str]:
    known = [(release.version, f"{line}=={release.version}" in asked) for release in load().releases(line)]
    for wanted, group in itertools.groupby(known, key=lambda pair: pair[1]):
        versions = [version for version, _ in group]
        if wanted:
            yield f"{line} {Span(versions[0], versions[-1])}"

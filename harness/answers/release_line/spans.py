"""Spans of neighbouring releases that behave the same, from stored verdicts."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import msgspec

from ...catalogue.releases import Catalogue
from ...cells.cell import variant_name
from ...ledger.stack import Entry, Stack
from ...scenarios.declaration.scenario import Variant
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
            return f"{releases} **stale** {self.key or ''}".strip()
        verdict = self.status if self.status is Status.PASS else f"**{self.status}** {self.key or ''}"
        return f"{releases} {verdict}".strip()


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

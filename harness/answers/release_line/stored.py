"""Stored verdicts by release: what a ledger has of each scenario variant along a release line."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

import msgspec

from ...catalogue.releases import load
from ...ledger.merged import cells_by_stack
from ...ledger.stack import Stack
from ...targets.from_release import PYTHONS
from ...verdict.outcome import CellResult, name_of

Releases = dict[str, dict[str, CellResult]]
"""By a release such as `httpx==0.28.1` and the name of a scenario variant."""


def by_release(stacks: Iterable[Stack]) -> Releases:
    """Return each scenario variant of a release once, although the packages that it needs may give it another stack.

    Of a release that was measured on several Pythons, the default Python is taken.
    """
    known: Releases = defaultdict(dict)
    for stack, cells in sorted(cells_by_stack([*stacks]), key=lambda pair: _preference(pair[0])):
        for release in stack.releases:
            for cell in cells:
                known[release].setdefault(name_of(cell), cell)
    return known


def along(line: str, name: str, known: Releases) -> list[CellResult]:
    """Return the stored cells of a scenario variant along a line, oldest release first, each as a cell of that line."""
    releases = [release.version for release in load().releases(line)]
    found = [(version, known.get(f"{line}=={version}", {}).get(name)) for version in releases]
    return [
        msgspec.structs.replace(cell, target=f"{line}=={version}", line=line, release=version)
        for version, cell in found
        if cell is not None
    ]


def _preference(stack: Stack) -> int:
    return PYTHONS.index(stack.python) if stack.python in PYTHONS else len(PYTHONS)

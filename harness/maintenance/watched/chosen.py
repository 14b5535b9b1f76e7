"""The cells of results/WATCHED.md: every scenario on the newest release of each family, and on ten old ones."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ...cells.cell import Cell
from ...cells.select import select
from ...targets.parse import parse

NEWEST = ("httpx==0.28.1", "httpx2==2.16.2", "httpxyz==0.42.1")
_VERSIONS = ("0.14.0", "0.14.3", "0.14.7", "0.15.0", "0.16.3", "0.17.3", "0.18.0", "1.0.0", "1.0.2", "1.0.5")
TARGETS = (*NEWEST, *(f"httpcore=={version}" for version in _VERSIONS))
SCENARIOS = ("all", "unread-response[*]")
"""Each scenario; and each way to keep a response, as those are held by their caller."""


def cells(targets: Iterable[str] = TARGETS, scenarios: Iterable[str] = SCENARIOS) -> Iterator[Cell]:
    """Yield the cells, sweeps last: they take most of the time."""
    chosen = [Cell(*each, parse(target)) for target in targets for each in select(scenarios)]
    yield from sorted(chosen, key=lambda cell: cell.scenario.run is not None)

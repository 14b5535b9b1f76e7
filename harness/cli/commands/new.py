"""`poolgate new`: releases that came after a day, compared with their predecessors."""

from __future__ import annotations

import argparse
import os
import sys
from datetime import UTC, date, datetime
from pathlib import Path

from ...answers.new import Period, exit_for, new_answer, periods
from ...answers.release_line.flips import FlipsAnswer
from ...answers.release_line.settle import measured_flips
from ...catalogue.releases import NAMED, Catalogue, load
from ...cells.cell import Cell
from ...cells.select import select
from ...errors import Exit, UsageError
from ...formats.format import Format
from ...formats.new import render
from ...paths import cache_root, write_whole
from ...targets.parse import parse_release
from ..measuring import measurer_of


def main(arguments: argparse.Namespace) -> Exit:
    """Ask the registry, measure each new release and its predecessor, and print what changes."""
    shipped = load()
    until = _day(arguments.until) if arguments.until else datetime.now(UTC).date().isoformat()
    since = _day(arguments.since) if arguments.since else _last_day(shipped)
    path = _extended(shipped, until) if until > _last_day(shipped) else None
    found = periods(load(), since, until)
    answer = new_answer(since, until, str(path) if path else None, found, [_line(arguments, each) for each in found])
    print(render(answer, Format(arguments.format), keys=arguments.keys))
    return exit_for(answer)


def _line(arguments: argparse.Namespace, period: Period) -> FlipsAnswer:
    """Measure the releases of a line."""
    targets = [parse_release(period.line, each.version) for each in (period.before, *period.releases)]
    cells = [Cell(*chosen, target) for chosen in select(arguments.scenario) for target in targets]
    return measured_flips(measurer_of(arguments), period.line, cells, arguments.budget)


def _extended(shipped: Catalogue, until: str) -> Path | None:
    """Write a catalogue that has the releases up to a day, and use it; None if the shipped one has them all."""
    try:
        from ...catalogue.making.generate import extended, instant
        from ...catalogue.making.registry import ENDPOINT
    except ImportError:
        raise UsageError(
            "`new` asks the registry: install poolgate[catalogue], or name --until with a past day"
        ) from None
    print(f"poolgate: asking the registry for releases after {_last_day(shipped)}", file=sys.stderr)
    folder = cache_root() / "catalogue"
    data = extended(shipped, ENDPOINT, instant(until), folder)
    write_whole(path := folder / "new.json", data)
    os.environ[NAMED] = str(path)
    load.cache_clear()
    later = any(len(load().packages[name]) > len(shipped.packages[name]) for name in shipped.packages)
    return path if later else None


def _last_day(catalogue: Catalogue) -> str:
    """Return the last day (UTC) of which a catalogue has all releases: the one that ends at its cut-off."""
    return date.fromordinal(datetime.fromisoformat(catalogue.cutoff).toordinal() - 1).isoformat()


def _day(words: str) -> str:
    try:
        return date.fromisoformat(words).isoformat()
    except ValueError:
        raise UsageError(f"{words!r} is not a day; write it as 2026-10-28") from None

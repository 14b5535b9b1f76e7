"""The formats that there are, and the grid that those for people share."""

from __future__ import annotations

import enum
import itertools
import shlex
from collections.abc import Iterator

from ..answers import CellAnswer, RunAnswer
from ..cells import variant_name
from ..scenarios import declared
from ..verdicts import Status


class Format(enum.StrEnum):
    """Values of `--format`."""

    TEXT = "text"
    JSON = "json"
    MARKDOWN = "markdown"


def rows_of(answer: RunAnswer) -> tuple[list[str], list[list[str]]]:
    """The grid as words: a header, and a row for each target with a cell for each scenario variant."""
    columns = list(dict.fromkeys(_column(cell) for cell in answer.cells))
    targets = list(dict.fromkeys((cell.target, cell.python) for cell in answer.cells))
    words = {(cell.target, cell.python, _column(cell)): words_of(cell) for cell in answer.cells}
    header = ["target", "Python", *columns]
    rows = [
        [target, python or "-", *(words.get((target, python, column), "") for column in columns)]
        for target, python in targets
    ]
    return header, rows


def words_of(cell: CellAnswer) -> str:
    """A cell in the grid: the status, then the key. Upper case where it does not pass: it reads without colour."""
    if cell.status is Status.PASS:
        return f"pass {cell.key}"
    if cell.status is Status.FLAKY and cell.rate is not None:
        return f"FLAKY {cell.key} ({cell.rate.failed} of {cell.rate.runs})"
    return " ".join(filter(None, (cell.status.value.upper(), cell.key)))


def remarks_of(answer: RunAnswer) -> list[str]:
    """Below the grid: for each cell that does not pass why, and the command that shows it again."""
    failing = [cell for cell in answer.cells if cell.status is not Status.PASS]
    return [line for cell in failing for line in (f"{_name(cell)}: {_why(cell)}", *_points(cell))]


def _points(cell: CellAnswer) -> Iterator[str]:
    """The leaking points of a sweep by their sites, each with the command that sweeps for the first of them alone."""
    known = declared()[cell.scenario].variants
    points = sorted(cell.points or (), key=lambda point: (point.site, point.style, point.situation))
    for site, group in itertools.groupby(points, key=lambda point: point.site):
        found = list(group)
        asked = {"style": found[0].style, "situation": found[0].situation}
        narrowed = {**cell.variant, **{name: value for name, value in asked.items() if value in known.get(name, ())}}
        again = cell.replay.replace(shlex.quote(_column(cell)), shlex.quote(variant_name(cell.scenario, narrowed)), 1)
        where = ", ".join(f"{point.style} {point.situation} (step {point.step})" for point in found)
        yield f"  loses {max(point.lost for point in found)} in {site}: {where}; again: {again}"


def _why(cell: CellAnswer) -> str:
    slots = cell.slots
    told = [
        cell.reason,
        f"slots {slots.usable_first} then {slots.usable_final} of {slots.limit}" if slots else None,
        f"outcomes {_counts(cell.outcomes)}, a correct pool {_counts(cell.expected)}" if cell.outcomes else None,
        str(cell.rate) if cell.rate else None,
        str(cell.cost) if cell.cost else None,
        *cell.notes,
        f"again: {cell.replay}",
    ]
    return "; ".join(filter(None, told))


def _counts(counts: dict[str, int]) -> str:
    return " ".join(f"{number} {name}" for name, number in counts.items())


def _column(cell: CellAnswer) -> str:
    return variant_name(cell.scenario, cell.variant)


def _name(cell: CellAnswer) -> str:
    return f"{_column(cell)}@{cell.target}"

"""The text of cells: the grid, the evidence lines and the commands that text formats share."""

from __future__ import annotations

import itertools
import shlex
from collections.abc import Iterator

from ..answers.run import RunAnswer
from ..cells.cell import variant_name
from ..cells.select import undeclared
from ..scenarios import declared
from ..verdict.key_words import stale_words, verdict_words
from ..verdict.outcome import CellResult
from ..verdict.words import Freshness, Status


def grid_of(answer: RunAnswer) -> tuple[list[str], list[tuple[str, str, list[CellResult | None]]]]:
    """Return the columns of the grid, and for each target its Python and a cell or None in each column."""
    columns = list(dict.fromkeys(column_of(cell) for cell in answer.cells))
    targets = list(dict.fromkeys((target_of(cell), cell.python) for cell in answer.cells))
    cells = {(target_of(cell), cell.python, column_of(cell)): cell for cell in answer.cells}
    rows = [
        (target, python or "-", [cells.get((target, python, name)) for name in columns]) for target, python in targets
    ]
    return columns, rows


def rows_of(answer: RunAnswer, *, keys: bool = False) -> tuple[list[str], list[list[str]]]:
    """Return the grid as text: a header, and a row for each target with a cell for each scenario variant."""
    columns, rows = grid_of(answer)
    texts = [
        [target, python, *(text_of(cell, keys=keys) if cell else "" for cell in cells)]
        for target, python, cells in rows
    ]
    return ["target", "Python", *columns], texts


def text_of(cell: CellResult, *, keys: bool = False) -> str:
    """Return the text of a cell: its status and what fails, and its key where `keys` are asked for.

    Any status but pass is in upper case, to be seen without colour.
    """
    if cell.freshness is Freshness.STALE:
        return stale_words("STALE", cell.key, keys=keys)
    status = cell.status.value if cell.status is Status.PASS else cell.status.value.upper()
    rate = f" ({cell.rate.failed} of {cell.rate.runs})" if cell.status is Status.FLAKY and cell.rate else ""
    qualified = " (qualified)" if cell.freshness is Freshness.QUALIFIED else ""
    return f"{verdict_words(status, cell.key, keys=keys)}{rate}{qualified}"


def remarkable(answer: RunAnswer) -> list[CellResult]:
    """Return the cells that need an explanation: those that do not pass, and those that can't be run any more."""
    return [cell for cell in answer.cells if cell.status is not Status.PASS or is_undeclared(cell)]


def is_undeclared(cell: CellResult) -> bool:
    """Return whether the scenario or variant of a cell is not declared."""
    return undeclared(cell.scenario, cell.variant) is not None


def remarks_of(answer: RunAnswer) -> list[str]:
    """Return the lines below the grid: the evidence of each remarkable cell, and a command to repeat it."""
    return [line for cell in remarkable(answer) for line in (f"{name_of(cell)}: {why_of(cell)}", *points_of(cell))]


def points_of(cell: CellResult) -> Iterator[str]:
    """Yield the leaking points of a sweep by site, each with a command that repeats only the first of them."""
    known = {} if is_undeclared(cell) else declared()[cell.scenario].variants
    leaking = sorted(cell.points or (), key=lambda point: (point.site, point.style, point.situation))
    for site, group in itertools.groupby(leaking, key=lambda point: point.site):
        found = list(group)
        narrow = {"style": found[0].style, "situation": found[0].situation}
        narrowed = {**cell.variant, **{name: value for name, value in narrow.items() if value in known.get(name, ())}}
        again = "".join(f"; {command}" for command in commands_of(cell, variant_name(cell.scenario, narrowed)))
        where = ", ".join(f"{point.style} {point.situation} (step {point.step})" for point in found)
        view = next((f"; pool state: {point.pool}" for point in found if point.pool), "")
        yield f"  loses {max(point.lost for point in found)} in {site}: {where}{view}{again}"


def why_of(cell: CellResult) -> str:
    """Return the evidence of a cell in one line that ends with the command."""
    return "; ".join([*evidence_of(cell), *commands_of(cell)])


def commands_of(cell: CellResult, name: str | None = None) -> list[str]:
    """Return `again: ` with the command that measures a cell, or `name` in its place; empty if it is not declared."""
    if is_undeclared(cell):
        return []
    command = cell.replay if name is None else cell.replay.replace(shlex.quote(column_of(cell)), shlex.quote(name), 1)
    return [f"again: {command}"]


def evidence_of(cell: CellResult) -> list[str]:
    """Return the evidence of a cell, piece by piece."""
    slots = cell.slots
    pieces = [
        cell.reason,
        f"slots {slots.usable_first} then {slots.usable_final} of {slots.limit}" if slots else None,
        f"outcomes {_counts(cell.outcomes)}, a correct pool {_counts(cell.expected)}" if cell.outcomes else None,
        str(cell.rate) if cell.rate else None,
        str(cell.cost) if cell.cost else None,
        *cell.notes,
    ]
    return [piece for piece in pieces if piece]


def _counts(counts: dict[str, int]) -> str:
    return " ".join(f"{number} {name}" for name, number in counts.items())


def column_of(cell: CellResult) -> str:
    """Return the name of the scenario variant."""
    return variant_name(cell.scenario, cell.variant)


def name_of(cell: CellResult) -> str:
    """Return the name of the scenario variant with its target."""
    return f"{column_of(cell)}@{target_of(cell)}"


def target_of(cell: CellResult) -> str:
    """Return the target, with the package that has the pool where that is not the client's own."""
    return f"{cell.target} ({cell.over})" if cell.over else cell.target

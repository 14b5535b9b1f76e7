"""The formats that there are, and the grid that those for people share."""

from __future__ import annotations

import itertools
import shlex
from collections.abc import Iterable, Iterator
from urllib.parse import quote

from ..answers.run import RunAnswer
from ..cells.cell import variant_name
from ..cells.select import undeclared
from ..scenarios import declared
from ..targets.spec import LOCK
from ..verdict.outcome import CellResult
from ..verdict.words import Freshness, Status


def grid_of(answer: RunAnswer) -> tuple[list[str], list[tuple[str, str, list[CellResult | None]]]]:
    """The grid: its columns, and for each target its Python and a cell, or none, in each column."""
    columns = list(dict.fromkeys(column_of(cell) for cell in answer.cells))
    targets = list(dict.fromkeys((cell.target, cell.python) for cell in answer.cells))
    cells = {(cell.target, cell.python, column_of(cell)): cell for cell in answer.cells}
    rows = [
        (target, python or "-", [cells.get((target, python, name)) for name in columns]) for target, python in targets
    ]
    return columns, rows


def rows_of(answer: RunAnswer) -> tuple[list[str], list[list[str]]]:
    """The grid as words: a header, and a row for each target with a cell for each scenario variant."""
    columns, rows = grid_of(answer)
    words = [[target, python, *(words_of(cell) if cell else "" for cell in cells)] for target, python, cells in rows]
    return ["target", "Python", *columns], words


def words_of(cell: CellResult) -> str:
    """A cell in the grid: the status, then the key. Upper case where it does not pass: it reads without colour."""
    if cell.freshness is Freshness.STALE:
        return " ".join(filter(None, ("STALE", cell.key)))
    if cell.freshness is Freshness.QUALIFIED:
        return f"{_judged_words(cell)} (qualified)"
    return _judged_words(cell)


def _judged_words(cell: CellResult) -> str:
    if cell.status is Status.PASS:
        return f"pass {cell.key}"
    if cell.status is Status.FLAKY and cell.rate is not None:
        return f"FLAKY {cell.key} ({cell.rate.failed} of {cell.rate.runs})"
    return " ".join(filter(None, (cell.status.value.upper(), cell.key)))


def remarkable(answer: RunAnswer) -> list[CellResult]:
    """The cells that a reader has to know more of: those that do not pass, and those that can't be run any more."""
    return [cell for cell in answer.cells if cell.status is not Status.PASS or is_undeclared(cell)]


def is_undeclared(cell: CellResult) -> bool:
    """Whether a cell is of a scenario or a variant that this poolgate does not have."""
    return undeclared(cell.scenario, cell.variant) is not None


def remarks_of(answer: RunAnswer) -> list[str]:
    """Below the grid: for each remarkable cell why, and the command that shows it again."""
    return [line for cell in remarkable(answer) for line in (f"{name_of(cell)}: {why_of(cell)}", *points_of(cell))]


def points_of(cell: CellResult) -> Iterator[str]:
    """The leaking points of a sweep by their sites, each with the command that sweeps for the first of them alone."""
    known = {} if is_undeclared(cell) else declared()[cell.scenario].variants
    leaking = sorted(cell.points or (), key=lambda point: (point.site, point.style, point.situation))
    for site, group in itertools.groupby(leaking, key=lambda point: point.site):
        found = list(group)
        asked = {"style": found[0].style, "situation": found[0].situation}
        narrowed = {**cell.variant, **{name: value for name, value in asked.items() if value in known.get(name, ())}}
        again = "".join(f"; {command}" for command in again_of(cell, variant_name(cell.scenario, narrowed)))
        where = ", ".join(f"{point.style} {point.situation} (step {point.step})" for point in found)
        view = next((f"; the pool says {point.pool}" for point in found if point.pool), "")
        yield f"  loses {max(point.lost for point in found)} in {site}: {where}{view}{again}"


def why_of(cell: CellResult) -> str:
    """What was seen of a cell and what a correct pool does, in one line that ends with the command."""
    return "; ".join([*seen_of(cell), *again_of(cell)])


def again_of(cell: CellResult, name: str | None = None) -> list[str]:
    """`again: ` and the command that measures a cell again, as `name` where given; empty where none can."""
    if is_undeclared(cell):
        return []
    command = cell.replay if name is None else cell.replay.replace(shlex.quote(column_of(cell)), shlex.quote(name), 1)
    return [f"again: {command}"]


def seen_of(cell: CellResult) -> list[str]:
    """The evidence of a cell, piece by piece."""
    slots = cell.slots
    told = [
        cell.reason,
        f"slots {slots.usable_first} then {slots.usable_final} of {slots.limit}" if slots else None,
        f"outcomes {_counts(cell.outcomes)}, a correct pool {_counts(cell.expected)}" if cell.outcomes else None,
        str(cell.rate) if cell.rate else None,
        str(cell.cost) if cell.cost else None,
        *cell.notes,
    ]
    return [piece for piece in told if piece]


def file_of(spec: str) -> str | None:
    """The file that a SPEC is about, as it was given; a package has none, nor has a lock of another revision."""
    path = spec.removeprefix(LOCK)
    return path if path != spec and "?" not in path else None


def line_in(spec: str, packages: dict[str, str], moved: Iterable[str] = ()) -> int | None:
    """The line of the file that a SPEC is about in which it pins what a finding is about; see `locks.places`."""
    file = file_of(spec)
    if file is None:
        return None
    # Imported late: most that is written is about no file.
    from ..targets.lockfiles.pin_lines import line_of

    return line_of(file, packages, moved)


def link_of(reference: str) -> str | None:
    """The page of an upstream thread, OWNER/REPO#N; a pull request is found there too."""
    repository, _, number = reference.partition("#")
    known = repository.count("/") == 1 and number.isdecimal()
    return f"https://github.com/{quote(repository)}/issues/{number}" if known else None


def _counts(counts: dict[str, int]) -> str:
    return " ".join(f"{number} {name}" for name, number in counts.items())


def column_of(cell: CellResult) -> str:
    """The scenario variant."""
    return variant_name(cell.scenario, cell.variant)


def name_of(cell: CellResult) -> str:
    """The scenario variant and its target."""
    return f"{column_of(cell)}@{cell.target}"

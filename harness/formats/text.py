"""The grid for a terminal."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from ..answers.run import RunAnswer
from .cell_text import remarks_of, rows_of

# Where no grid is drawn, nobody waits for what draws it.
if TYPE_CHECKING:
    from rich.table import Table

WIDTH = 10_000
"""Columns that a grid may take: it is pasted more often than it is looked at, and a folded cell can't be searched."""


def to_text(answer: RunAnswer) -> str:
    """A grid of targets by scenarios, and below it why each cell that does not pass does not."""
    from rich.box import ASCII2
    from rich.table import Table

    header, rows = rows_of(answer)
    table = Table(*header, box=ASCII2)
    for row in rows:
        table.add_row(*row)
    return "\n".join([table_text(table), *remarks_of(answer)])


def table_text(table: Table) -> str:
    """A table as plain lines: no colour, no markup, nothing trailing."""
    from rich.console import Console

    console = Console(file=io.StringIO(), width=WIDTH, color_system=None, markup=False, highlight=False, emoji=False)
    console.print(table)
    assert isinstance(console.file, io.StringIO)
    return "\n".join(line.rstrip() for line in console.file.getvalue().splitlines())

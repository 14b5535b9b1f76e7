"""Plain text for a terminal."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from ..answers.run import RunAnswer
from .cell_text import remarks_of, rows_of

# Imported late: only a grid needs it.
if TYPE_CHECKING:
    from rich.table import Table

WIDTH = 10_000
"""The width limit of a grid in columns: large, since the text is pasted and searched, and folded cells break that."""


def to_text(answer: RunAnswer, *, keys: bool = False) -> str:
    """Return a grid of targets by scenarios, and below it the reason of each remarkable cell."""
    from rich.box import ASCII2
    from rich.table import Table

    header, rows = rows_of(answer, keys=keys)
    table = Table(*header, box=ASCII2)
    for row in rows:
        table.add_row(*row)
    return "\n".join([table_text(table), *remarks_of(answer)])


def table_text(table: Table) -> str:
    """Return a table as plain lines, without colour, markup or trailing spaces."""
    from rich.console import Console

    console = Console(file=io.StringIO(), width=WIDTH, color_system=None, markup=False, highlight=False, emoji=False)
    console.print(table)
    assert isinstance(console.file, io.StringIO)
    return "\n".join(line.rstrip() for line in console.file.getvalue().splitlines())

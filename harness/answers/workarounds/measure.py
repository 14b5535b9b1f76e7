"""The cells that are compared with a failing one."""

from __future__ import annotations

from ...cells.cell import Cell
from .remedies import moves, remedy_cells


def compared_cells(cell: Cell) -> list[tuple[str, Cell]]:
    """Return every cell that a failing one is compared with, by its remedy."""
    moved = [
        (name, Cell(cell.scenario, cell.variant, target))
        for name, targets in moves(cell.target).items()
        for target in targets
    ]
    return [*remedy_cells(cell).items(), *moved]

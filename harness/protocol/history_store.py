"""The files in which the histories of cells are stored."""

from __future__ import annotations

import hashlib
from pathlib import Path

from ..paths import histories_root


def history_path(cell: str) -> Path:
    """Return the file with the history of the run that decided a cell, by the cell's name."""
    scenario = cell.partition("@")[0].partition("[")[0]
    return histories_root() / f"{scenario}-{hashlib.sha256(cell.encode()).hexdigest()[:16]}.jsonl"

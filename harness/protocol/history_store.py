"""Where the history of a cell is stored."""

from __future__ import annotations

import hashlib
from pathlib import Path

from ..paths import histories_root


def history_path(cell: str) -> Path:
    """Where the history of the run that decided a cell is kept, by the cell's name."""
    scenario = cell.partition("@")[0].partition("[")[0]
    return histories_root() / f"{scenario}-{hashlib.sha256(cell.encode()).hexdigest()[:16]}.jsonl"

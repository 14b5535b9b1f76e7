"""What a user chooses at `install()`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Callable, Literal, Tuple

from .states import PoolState

Level = Literal["counts", "sample", "all"]
"""Which requests have the stack of their caller recorded: none, one of `SAMPLE`, or each."""

LEVELS: Tuple[Level, ...] = ("counts", "sample", "all")
SAMPLE = 16


@dataclass(frozen=True)
class Settings:
    """The settings of a watcher; times are in seconds."""

    level: Level = "all"
    grace: float = 1.0
    """How far apart the two looks are that report a lost slot."""
    held_after: float = 60.0
    """The age at which an open response is reported as held by its caller."""
    on_change: Callable[[PoolState], None] | None = None
    """Called when the verdict of a pool changes, on the thread of the look."""

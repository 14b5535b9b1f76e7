"""How cells are measured."""

from __future__ import annotations

from dataclasses import dataclass

from ..protocol.plan import UNIT
from .own_client import OwnClient


@dataclass(frozen=True, slots=True)
class Settings:
    """The settings of a measurement. `unit` is in seconds; `repeats` None: as many runs as results need.

    `least` are the runs of a cell that passes at first. `chance` treats every cell as one that chance decides.
    """

    repeats: int | None = None
    least: int = 1
    chance: bool = False
    unit: float = UNIT
    seed: int = 0
    again: bool = False
    strict: bool = False
    client: OwnClient | None = None
    """The user's own client; its results are neither stored in a ledger nor read from one."""

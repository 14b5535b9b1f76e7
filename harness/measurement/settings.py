"""How cells are measured."""

from __future__ import annotations

from dataclasses import dataclass

from ..protocol.plan import UNIT
from .own_client import OwnClient


@dataclass(frozen=True, slots=True)
class Settings:
    """How cells are measured. `unit` in seconds; `repeats` None leaves it to the scenario and to what comes out."""

    repeats: int | None = None
    unit: float = UNIT
    seed: int = 0
    again: bool = False
    strict: bool = False
    client: OwnClient | None = None
    """The user's own client; nothing that is measured with it is kept in a ledger, or taken from one."""

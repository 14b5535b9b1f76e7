"""One file of the ledger: the verdicts of a resolved package set on a Python minor version."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Literal

import msgspec

from ..catalogue.packages import PACKAGES
from ..errors import PoolgateError
from ..scenarios.declaration.scenario import Variant
from ..verdict.outcome import CellOutcome
from ..verdict.words import Freshness, Status
from .freshness import SAME, State


class LedgerError(PoolgateError):
    """A ledger file that can't be read or written; nothing of it is lost."""


class Kept(CellOutcome, frozen=True, kw_only=True):
    """An outcome, the name of the instrument that measured it, and the full version of the Python it ran on.

    Verdicts of version 1 have no instrument.
    """

    instrument: str = ""
    python: str


class Entry(Kept, frozen=True, kw_only=True):
    """What a ledger keeps of a cell, with its freshness: `state` is judged when the ledger is read."""

    state: State = SAME

    @property
    def passes(self) -> bool:
        """Whether it passes; what is stale does not count as a pass."""
        return self.status is Status.PASS and not self.stale

    @property
    def stale(self) -> bool:
        """Whether this release would have to measure it anew."""
        return self.state.freshness is Freshness.STALE


class Stack(msgspec.Struct, frozen=True, kw_only=True):
    """One file of the ledger."""

    schema: Literal["poolgate/ledger"] = "poolgate/ledger"
    version: Literal[1, 2] = 2
    python: str
    packages: dict[str, str]
    releases: list[str]
    cells: list[Entry]

    @property
    def name(self) -> str:
        """The file's name: readable, and one for each package set and Python."""
        pool = [f"{name}-{self.packages[name]}" for name in PACKAGES if name in self.packages]
        identity = msgspec.json.encode([self.python, self.packages], order="deterministic")
        return "_".join([*pool, f"py{self.python}", hashlib.sha256(identity).hexdigest()[:8]]) + ".json"

    def find(self, scenario: str, variant: Variant) -> Entry | None:
        return next((cell for cell in self.cells if (cell.scenario, cell.variant) == (scenario, variant)), None)

    def with_entry(self, entry: Entry, release: str) -> Stack:
        """This stack with an entry put in the place of the one before.

        Notes are of things that may show in one run and not in the next: what the same instrument noted before stays.
        """
        before = self.find(entry.scenario, entry.variant)
        if before is not None and before.instrument == entry.instrument:
            entry = msgspec.structs.replace(entry, notes=tuple(sorted({*before.notes, *entry.notes})))
        others = [cell for cell in self.cells if (cell.scenario, cell.variant) != (entry.scenario, entry.variant)]
        cells = sorted([*others, entry], key=lambda cell: (cell.scenario, sorted(cell.variant.items())))
        releases = sorted({*self.releases, *([release] if release else [])})
        return msgspec.structs.replace(self, cells=cells, releases=releases)


def load_stack(path: Path) -> Stack:
    """Read one file; raises LedgerError that names it."""
    try:
        return msgspec.json.decode(path.read_bytes(), type=Stack)
    except OSError as error:
        raise LedgerError(f"{path}: {error.strerror}") from None
    except msgspec.DecodeError as error:
        raise LedgerError(f"{path} is no ledger file ({error}): restore it or move it away") from None

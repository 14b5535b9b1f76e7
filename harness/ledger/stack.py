"""One file of the ledger: the verdicts of a resolved package set on a Python minor version."""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import msgspec
from packaging.version import InvalidVersion, Version

from ..catalogue.packages import PACKAGES
from ..errors import PoolgateError
from ..scenarios.declaration.scenario import Variant
from ..verdict.outcome import CellOutcome
from ..verdict.words import Freshness, Key, Status
from .freshness import SAME, State


class LedgerError(PoolgateError):
    """A ledger file that can't be read or written; the file stays as it is."""


class StoredCell(CellOutcome, frozen=True, kw_only=True):
    """A cell as a ledger file has it: its outcome, the name of its instrument, and the full version of its Python.

    Cells of version 1 have no instrument.
    """

    instrument: str = ""
    python: str


class Entry(StoredCell, frozen=True, kw_only=True):
    """A stored cell with its freshness, which is judged when the ledger is read."""

    state: State = SAME

    @property
    def passes(self) -> bool:
        """Return True for a pass that is not stale."""
        return self.status is Status.PASS and not self.stale

    @property
    def stale(self) -> bool:
        """Return True if this release has to measure the cell again."""
        return self.state.freshness is Freshness.STALE


class Stack(msgspec.Struct, frozen=True, kw_only=True):
    """A file of the ledger: the cells of a package set on a Python minor version."""

    schema: Literal["poolgate/ledger"] = "poolgate/ledger"
    version: Literal[1, 2] = 2
    python: str
    packages: dict[str, str]
    releases: list[str]
    cells: list[Entry]

    @property
    def name(self) -> str:
        """Return the file name, which is unique for a package set and a Python minor version."""
        pool = [f"{name}-{self.packages[name]}" for name in PACKAGES if name in self.packages]
        identity = msgspec.json.encode([self.python, self.packages], order="deterministic")
        return "_".join([*pool, f"py{self.python}", hashlib.sha256(identity).hexdigest()[:8]]) + ".json"

    def find(self, scenario: str, variant: Variant) -> Entry | None:
        """Return the cell of a scenario variant; None where it is not stored."""
        return next((cell for cell in self.cells if (cell.scenario, cell.variant) == (scenario, variant)), None)

    def with_entry(self, entry: Entry, release: str) -> Stack:
        """Return this stack with an entry in place of the stored one, and the release in its index.

        A note may appear in one run and not in the next, so the notes of the same instrument are kept.
        """
        before = self.find(entry.scenario, entry.variant)
        if before is not None and before.instrument == entry.instrument:
            entry = msgspec.structs.replace(entry, notes=tuple(sorted({*before.notes, *entry.notes})))
        others = [cell for cell in self.cells if (cell.scenario, cell.variant) != (entry.scenario, entry.variant)]
        cells = sorted([*others, entry], key=lambda cell: (cell.scenario, sorted(cell.variant.items())))
        releases = sorted({*self.releases, *([release] if release else [])})
        return msgspec.structs.replace(self, cells=cells, releases=releases)


_decode = msgspec.json.Decoder(Stack).decode
"""Made here, in one thread: two threads that decode the first files of a type crash the interpreter in msgspec."""


def load_stack(path: Path) -> Stack:
    """Read one file; raises LedgerError with its name."""
    try:
        stack = _decode(path.read_bytes())
    except OSError as error:
        raise LedgerError(f"{path}: {error.strerror}") from None
    except msgspec.DecodeError as error:
        raise LedgerError(f"{path} is not a ledger file ({error}): restore it or move it away") from None
    if wrong := next(_malformed(stack), None):
        raise LedgerError(f"{path} is not a ledger file ({wrong}): restore it or move it away")
    return stack


def _malformed(stack: Stack) -> Iterator[str]:
    """Yield what is not a version or a key in a file of another origin: such a file has the right shape alone."""
    versions = {stack.python, *stack.packages.values(), *(cell.python for cell in stack.cells)}
    versions |= {release.partition("==")[2] for release in stack.releases}
    yield from (f"{version!r} is not a version" for version in sorted(versions) if not _is_version(version))
    keys = {key for cell in stack.cells for key in (cell.key, *cell.keys) if key is not None}
    yield from (f"{key!r} is not a key" for key in sorted(keys) if not _is_key(key))


@functools.cache
def _is_version(text: str) -> bool:
    try:
        return bool(Version(text))
    except InvalidVersion:
        return False


@functools.cache
def _is_key(text: str) -> bool:
    try:
        return bool(Key.parse(text))
    except ValueError:
        return False

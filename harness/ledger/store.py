"""The ledger: measured verdicts in small sorted files that can be read in a diff and merged.

Each stack has a file. A stack is a resolved package set on a Python minor version, without the packages that no verdict
depends on, such as certificates. The `releases` of a stack are the (line, release) pairs that resolve to it: httpx
0.28.1 and httpcore 1.0.9 are one stack if they resolve to the same set. Files have no durations and no dates. There are
two ledgers: the shipped one is only read, and the user's own takes precedence.
"""

from __future__ import annotations

import contextlib
import fcntl
import functools
from collections.abc import Iterator
from pathlib import Path

import msgspec

from ..catalogue.packages import mattering
from ..paths import write_whole
from ..scenarios.declaration.scenario import Variant
from ..targets.target import minor
from .freshness import SAME, Judge
from .instruments import SHIPPED, Parts, load_instruments, with_instrument, write_instruments
from .stack import Entry, LedgerError, Stack, StoredCell, load_stack


def encoded(stack: Stack) -> bytes:
    """Return the bytes of a stack's file: in the newest version, without the freshness of its cells."""
    cells = [StoredCell(**{name: getattr(cell, name) for name in StoredCell.__struct_fields__}) for cell in stack.cells]
    written = msgspec.structs.replace(stack, version=2, cells=cells)
    return msgspec.json.format(msgspec.json.encode(written, order="deterministic"), indent=1) + b"\n"


class Ledger:
    """The verdicts of one root, which need not exist yet. Raises LedgerError if a file can't be read.

    The freshness of each is judged against this release, or against `current` parts of the instrument.
    """

    def __init__(self, root: Path, current: Parts | None = None) -> None:
        self.root = root
        try:
            if root.exists() and not root.is_dir():
                raise LedgerError(f"{root} is not a folder: choose another --results")
        except OSError as error:
            raise LedgerError(f"{root} can't be read ({error.strerror}): choose another --results") from None
        paths = sorted((root / "stacks").glob("*.json"))
        self._judge = Judge(root, current)
        self._stacks = {path.name: _judged(load_stack(path), self._judge) for path in paths}

    @property
    def stacks(self) -> list[Stack]:
        return list(self._stacks.values())

    def find(self, python: str, packages: dict[str, str], scenario: str, variant: Variant) -> Entry | None:
        """Return the cell of a variant on a stack, None if it is not stored; `python` is a full version."""
        stack = self._stacks.get(_empty(python, packages).name)
        return stack.find(scenario, variant) if stack else None

    def index(self, python: str, packages: dict[str, str], release: tuple[str, str] | None) -> None:
        """Add a release to the index of a stored stack that it resolves to."""
        stack = self._stacks[_empty(python, packages).name]
        if release is not None and "==".join(release) not in stack.releases:
            self.record(packages, release, stack.cells[0])

    def record(
        self, packages: dict[str, str], release: tuple[str, str] | None, entry: Entry, parts: Parts | None = None
    ) -> None:
        """Write an entry to its stack's file, and keep the entries that other processes wrote in the meantime.

        `release` is the (line, release) that resolved to these packages, if any; `parts` are those of the entry's
        instrument, needed if the ledger does not have it yet.
        """
        empty = _empty(entry.python, packages)
        path = self.root / "stacks" / empty.name
        with self.locked():
            before = _judged(load_stack(path), self._judge) if path.exists() else empty
            stack = before.with_entry(entry, "==".join(release or ()))
            self.write(stack)
            self._remember(entry.instrument, parts)

    def write(self, stack: Stack) -> None:
        """Write the file of a stack, while the ledger is locked."""
        write_whole(self.root / "stacks" / stack.name, encoded(stack))
        self._stacks[stack.name] = stack

    def _remember(self, instrument: str, parts: Parts | None) -> None:
        known = load_instruments(self.root)
        if parts is not None and (known is None or instrument not in known.instruments):
            write_instruments(self.root, with_instrument(known, instrument, parts))

    @contextlib.contextmanager
    def locked(self) -> Iterator[None]:
        """Keep other processes from writing to this ledger; raises LedgerError if it can't be written."""
        try:
            self.root.mkdir(parents=True, exist_ok=True)
            lock = (self.root / ".lock").open("w")
        except OSError as error:
            raise LedgerError(f"{self.root} can't be written ({error.strerror}): choose another --results") from None
        with lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield


@functools.cache
def shipped_ledger() -> Ledger:
    """Return the ledger that ships, read once: what a run adds to its folder meanwhile is not in it."""
    return Ledger(SHIPPED)


def _judged(stack: Stack, judge: Judge) -> Stack:
    """Return a stack whose cells have their freshness."""
    states = [judge.state(cell.instrument, cell.scenario, cell.variant, stack.packages) for cell in stack.cells]
    if all(state is SAME for state in states):
        return stack
    cells = [msgspec.structs.replace(cell, state=state) for cell, state in zip(stack.cells, states, strict=True)]
    return msgspec.structs.replace(stack, cells=cells)


def _empty(python: str, packages: dict[str, str]) -> Stack:
    return Stack(python=minor(python), packages=mattering(packages), releases=[], cells=[])

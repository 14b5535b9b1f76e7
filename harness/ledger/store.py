"""The ledger: verdicts that were measured, small sorted files made to be read in a diff and merged.

One file a stack: a resolved package set, without what no verdict depends on, on a Python minor version: what was
measured stays known when a registry brings other certificates. (line, release) is an index over the stacks, kept in
each as the `releases` that resolve to it; so httpx 0.28.1 and httpcore 1.0.9 are one row where they are one stack. No
durations and no dates. Two roots: the ledger that ships with the package is only read, the user's own wins.
"""

from __future__ import annotations

import contextlib
import fcntl
from collections.abc import Iterator
from pathlib import Path

import msgspec

from ..catalogue.packages import mattering
from ..paths import write_whole
from ..scenarios.declaration.scenario import Variant
from ..targets.target import minor
from .freshness import SAME, Judge
from .instruments import Parts, load_instruments, with_instrument, write_instruments
from .stack import Entry, LedgerError, Stack, StoredCell, load_stack


def encoded(stack: Stack) -> bytes:
    """Return a stack as its file has it: in the newest version, without the freshness of its cells."""
    cells = [StoredCell(**{name: getattr(cell, name) for name in StoredCell.__struct_fields__}) for cell in stack.cells]
    written = msgspec.structs.replace(stack, version=2, cells=cells)
    return msgspec.json.format(msgspec.json.encode(written, order="deterministic"), indent=1) + b"\n"


class Ledger:
    """The verdicts of one root; `root` need not exist yet. Raises LedgerError where a file can't be read.

    The freshness of each is judged against this release, or against `current` parts of the instrument.
    """

    def __init__(self, root: Path, current: Parts | None = None) -> None:
        self.root = root
        try:
            if root.exists() and not root.is_dir():
                raise LedgerError(f"{root} is no folder: choose another --results")
        except OSError as error:
            raise LedgerError(f"{root} can't be read ({error.strerror}): choose another --results") from None
        paths = sorted((root / "stacks").glob("*.json"))
        self._judge = Judge(root, current)
        self._stacks = {path.name: _judged(load_stack(path), self._judge) for path in paths}

    @property
    def stacks(self) -> list[Stack]:
        return list(self._stacks.values())

    def find(self, python: str, packages: dict[str, str], scenario: str, variant: Variant) -> Entry | None:
        """What is known of a variant on a stack; `python` is a full version."""
        stack = self._stacks.get(_empty(python, packages).name)
        return stack.find(scenario, variant) if stack else None

    def index(self, python: str, packages: dict[str, str], release: tuple[str, str] | None) -> None:
        """Note that a release resolves to a stack that was measured under another name already."""
        stack = self._stacks[_empty(python, packages).name]
        if release is not None and "==".join(release) not in stack.releases:
            self.record(packages, release, stack.cells[0])

    def record(
        self, packages: dict[str, str], release: tuple[str, str] | None, entry: Entry, parts: Parts | None = None
    ) -> None:
        """Put an entry into its stack's file, on top of what others have put there meanwhile.

        `release` is the (line, release) that resolved to these packages, if one did; `parts` are those of the entry's
        instrument, where the ledger does not know it yet.
        """
        empty = _empty(entry.python, packages)
        path = self.root / "stacks" / empty.name
        with self._locked():
            before = _judged(load_stack(path), self._judge) if path.exists() else empty
            stack = before.with_entry(entry, "==".join(release or ()))
            write_whole(path, encoded(stack))
            self._remember(entry.instrument, parts)
        self._stacks[path.name] = stack

    def _remember(self, instrument: str, parts: Parts | None) -> None:
        known = load_instruments(self.root)
        if parts is not None and (known is None or instrument not in known.instruments):
            write_instruments(self.root, with_instrument(known, instrument, parts))

    @contextlib.contextmanager
    def _locked(self) -> Iterator[None]:
        try:
            self.root.mkdir(parents=True, exist_ok=True)
            lock = (self.root / ".lock").open("w")
        except OSError as error:
            raise LedgerError(f"{self.root} can't be written ({error.strerror}): choose another --results") from None
        with lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield


def _judged(stack: Stack, judge: Judge) -> Stack:
    """Return a stack with the freshness of its cells."""
    states = [judge.state(cell.instrument, cell.scenario, cell.variant, stack.packages) for cell in stack.cells]
    if all(state is SAME for state in states):
        return stack
    cells = [msgspec.structs.replace(cell, state=state) for cell, state in zip(stack.cells, states, strict=True)]
    return msgspec.structs.replace(stack, cells=cells)


def _empty(python: str, packages: dict[str, str]) -> Stack:
    return Stack(python=minor(python), packages=mattering(packages), releases=[], cells=[])

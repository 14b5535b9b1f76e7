"""The ledger: verdicts that were measured, small sorted files made to be read in a diff and merged.

One file a stack: a resolved package set, without what no verdict depends on, on a Python minor version: what was
measured stays known when a registry brings other certificates. (line, release) is an index over the stacks, kept in
each as the `releases` that resolve to it; so httpx 0.28.1 and httpcore 1.0.9 are one row where they are one stack. No
durations and no dates. Two roots: the ledger that ships with the package is only read, the user's own wins.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import msgspec

from ..catalogue.packages import mattering
from ..errors import PoolgateError
from ..paths import write_whole
from ..scenarios.worker.declaration import Variant
from ..verdict.outcome import Outcome
from ..verdict.words import Freshness, Status
from .freshness import SAME, Judge, State
from .instruments import SHIPPED, Parts, load_instruments, with_instrument, write_instruments

__all__ = ["SHIPPED", "Entry", "Ledger", "LedgerError", "Stack", "encoded", "load_stack", "minor"]

POOL_PACKAGES = ("httpx", "httpcore", "httpx2", "httpcore2", "httpxyz", "httpcorexyz")


class LedgerError(PoolgateError):
    """A ledger file that can't be read or written; nothing of it is lost."""


class Kept(Outcome, frozen=True, kw_only=True):
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
        pool = [f"{name}-{self.packages[name]}" for name in POOL_PACKAGES if name in self.packages]
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


def minor(python: str) -> str:
    """The minor version of a full one: "3.11" of "3.11.7"."""
    return ".".join(python.split(".")[:2])


def load_stack(path: Path) -> Stack:
    """Read one file; raises LedgerError that names it."""
    try:
        return msgspec.json.decode(path.read_bytes(), type=Stack)
    except OSError as error:
        raise LedgerError(f"{path}: {error.strerror}") from None
    except msgspec.DecodeError as error:
        raise LedgerError(f"{path} is no ledger file ({error}): restore it or move it away") from None


def encoded(stack: Stack) -> bytes:
    """Return a stack as its file has it: in the newest version, without the freshness of its cells."""
    cells = [Kept(**{name: getattr(cell, name) for name in Kept.__struct_fields__}) for cell in stack.cells]
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

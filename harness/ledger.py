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

from . import results, scenarios, servers
from .answers import Outcome
from .errors import PoolgateError
from .paths import write_whole
from .relevant import mattering
from .scenarios.worker.declaration import Scenario, Variant, complete, load_of

SHIPPED = Path(str(results.__file__)).resolve().parent
POOL_PACKAGES = ("httpx", "httpcore", "httpx2", "httpcore2", "httpxyz", "httpcorexyz")


class LedgerError(PoolgateError):
    """A ledger file that can't be read or written; nothing of it is lost."""


class Entry(Outcome, frozen=True, kw_only=True):
    """An outcome with the digest of the sources that measured it, and the full version of the Python it ran on."""

    sources: str
    python: str


class Stack(msgspec.Struct, frozen=True, kw_only=True):
    """One file of the ledger."""

    schema: Literal["poolgate/ledger"] = "poolgate/ledger"
    version: Literal[1] = 1
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

        Notes are of things that may show in one run and not in the next: what the same sources noted before stays.
        """
        before = self.find(entry.scenario, entry.variant)
        if before is not None and before.sources == entry.sources:
            entry = msgspec.structs.replace(entry, notes=tuple(sorted({*before.notes, *entry.notes})))
        others = [cell for cell in self.cells if (cell.scenario, cell.variant) != (entry.scenario, entry.variant)]
        cells = sorted([*others, entry], key=lambda cell: (cell.scenario, sorted(cell.variant.items())))
        releases = sorted({*self.releases, *([release] if release else [])})
        return msgspec.structs.replace(self, cells=cells, releases=releases)


def minor(python: str) -> str:
    """The minor version of a full one: "3.11" of "3.11.7"."""
    return ".".join(python.split(".")[:2])


def sources_digest(scenario: Scenario) -> str:
    """A digest of all that decides what a cell measures: the scenario's file, the worker's and the servers' sources.

    Of the worker's, what only crowds, sweeps or scattered deadlines use counts for those alone.
    """
    room, other = (Path(str(module.__file__)).resolve().parent for module in (scenarios, servers))
    ways = ("worker", "clients", *(["sweeping"] if scenario.run is not None else []))
    machinery = [*(file for way in ways for file in (room / way).glob("*.py")), *other.glob("*.py")]
    if not load_of(scenario, complete(scenario, {})).ladder:
        machinery.remove(room / "worker" / "crowds.py")
    if scenario.run is not None and scenario.run.__name__ != "scatter":
        machinery.remove(room / "sweeping" / "scattering.py")
    files = [room / f"{scenario.id.replace('-', '_')}.py", room / "__main__.py", *sorted(machinery)]
    parts = b"\0".join(file.name.encode() + b"\0" + file.read_bytes() for file in files)
    return hashlib.sha256(parts).hexdigest()[:16]


def load_stack(path: Path) -> Stack:
    """Read one file; raises LedgerError that names it."""
    try:
        return msgspec.json.decode(path.read_bytes(), type=Stack)
    except OSError as error:
        raise LedgerError(f"{path}: {error.strerror}") from None
    except msgspec.DecodeError as error:
        raise LedgerError(f"{path} is no ledger file ({error}): restore it or move it away") from None


class Ledger:
    """The verdicts of one root; `root` need not exist yet. Raises LedgerError where a file can't be read."""

    def __init__(self, root: Path) -> None:
        self.root = root
        try:
            if root.exists() and not root.is_dir():
                raise LedgerError(f"{root} is no folder: choose another --results")
        except OSError as error:
            raise LedgerError(f"{root} can't be read ({error.strerror}): choose another --results") from None
        paths = sorted((root / "stacks").glob("*.json"))
        self._stacks = {path.name: load_stack(path) for path in paths}

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

    def record(self, packages: dict[str, str], release: tuple[str, str] | None, entry: Entry) -> None:
        """Put an entry into its stack's file, on top of what others have put there meanwhile.

        `release` is the (line, release) that resolved to these packages, if one did.
        """
        empty = _empty(entry.python, packages)
        path = self.root / "stacks" / empty.name
        with self._locked():
            stack = (load_stack(path) if path.exists() else empty).with_entry(entry, "==".join(release or ()))
            write_whole(path, msgspec.json.format(msgspec.json.encode(stack, order="deterministic"), indent=1) + b"\n")
        self._stacks[path.name] = stack

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


def _empty(python: str, packages: dict[str, str]) -> Stack:
    return Stack(python=minor(python), packages=mattering(packages), releases=[], cells=[])

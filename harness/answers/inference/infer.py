"""Infer verdicts for a pair that was never measured, from pairs whose pool has the same code. Pure.

Where the client's pool-related code is the same too, nothing differs but versions. Otherwise the nearest client is
taken, which is weaker and is said. A client with a pool of its own has no other pair: its nearest release is taken.
Scenarios for which `make inference` has found a disagreement are never inferred.
"""

from __future__ import annotations

import enum
import functools
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from ...catalogue.packages import CLIENTS
from ...catalogue.releases import load
from ...catalogue.requirements import admits, pool_required
from ...cells.cell import variant_name
from ...cells.uses import use_of
from ...ledger.stack import Entry, Stack
from ...verdict.words import Status
from .exceptions import load_exceptions
from .pool_code import load_pool_code


class Basis(enum.StrEnum):
    """The basis of an inferred verdict, the strongest first."""

    SAME_CODE = "same-code"
    NEAREST_CLIENT = "nearest-client"
    NEAREST_RELEASE = "nearest-release"


MEANING: dict[Basis, str] = {
    Basis.SAME_CODE: "the pool and the pool-related code of the client are the same",
    Basis.NEAREST_CLIENT: "the pool is the same, the client's pool-related code differs",
    Basis.NEAREST_RELEASE: "a neighbouring release with a pool of its own",
}
"""The words for each basis."""

Exceptions = Mapping[str, Collection[str]]
"""The ids of the scenarios that are not inferred, by basis."""


@dataclass(frozen=True, slots=True)
class InferredCell:
    """A verdict that was measured on another pair; `pair` is that one, such as `httpx 0.28.1 with httpcore 1.0.5`."""

    stack: Stack
    entry: Entry
    pair: str
    basis: Basis


@dataclass(frozen=True, slots=True)
class Inferred:
    """The inferred verdicts by the name of their scenario variant, and the variants that are left out as exceptions.

    `broken` states why the client can't use the pool at all; then nothing else is inferred.
    """

    cells: dict[str, InferredCell]
    left_out: tuple[str, ...] = ()
    broken: str | None = None


def inferred(
    packages: dict[str, str],
    client: str,
    stacks: list[Stack],
    python: str = "",
    exceptions: Exceptions | None = None,
) -> Inferred | None:
    """Return the verdicts that other pairs' stacks have for a client of a package set; None if no pair has any.

    `packages` are all packages of the set with their versions, `python` is a minor version such as `3.11`. The pair's
    own stacks are ignored. `exceptions` replace the committed ones.
    """
    asked = _Pair.of(packages, client) if client in CLIENTS else None
    if asked and asked.refused():
        return None
    if asked and (broken := asked.broken()):
        return Inferred({}, broken=broken)
    sources = [(stack, pair) for stack in stacks for pair in _pairs_in(stack) if asked and asked.shares_pool(pair)]
    if asked is None or not sources:
        return None
    known = load_exceptions() if exceptions is None else exceptions
    cells: dict[str, InferredCell] = {}
    left_out: set[str] = set()
    for stack, pair in sorted(sources, key=lambda source: _distance(asked, packages, python, *source)):
        for entry in stack.cells:
            if _judged(entry):
                _take(cells, asked, pair, stack, entry)
    left_out = {name for name, cell in cells.items() if cell.entry.scenario in known.get(cell.basis, ())}
    return Inferred({name: cells[name] for name in sorted(cells.keys() - left_out)}, tuple(sorted(left_out)))


@dataclass(frozen=True, slots=True)
class _Pair:
    """A client with its version, and its pool with its version; a client with a pool of its own has none."""

    client: str
    version: str
    pool: str = ""
    pool_version: str = ""

    @classmethod
    def of(cls, packages: Mapping[str, str], client: str) -> _Pair | None:
        """Return the pair of a client in a package set; None where its pool is not in it."""
        version = _normal(client, packages[client])
        pool = pool_required(client, version)
        if pool is None:
            return cls(client, version)
        return cls(client, version, pool, _normal(pool, packages[pool])) if pool in packages else None

    def shares_pool(self, other: _Pair) -> bool:
        """Return whether another pair has the same code as its pool."""
        if self == other or self.pool != other.pool:
            return False
        if not self.pool:
            return self.client == other.client
        code = load_pool_code()
        digest = code.of_pool(self.pool, self.pool_version)
        same = digest is not None and digest == code.of_pool(other.pool, other.pool_version)
        return same or self.pool_version == other.pool_version

    def basis(self, other: _Pair, entry: Entry) -> Basis | None:
        """Return the basis for a verdict of another pair; None for a scenario that is not declared."""
        use, code = use_of(entry.scenario, entry.variant), load_pool_code()
        if use is None:
            return None
        digest = code.of_client(self.client, self.version, use)
        if digest is not None and digest == code.of_client(other.client, other.version, use):
            return Basis.SAME_CODE
        return Basis.NEAREST_CLIENT if self.pool else Basis.NEAREST_RELEASE

    def broken(self) -> str | None:
        """Return why the client can't use the pool, although its requirement admits it; None if nothing is known."""
        code = load_pool_code()
        if code.clients.get(self.client, {}).get(self.version) == {}:
            return f"{self.client} {self.version} is a placeholder for the name, without a client"
        absent = code.absent.get(self.client, {}).get(self.version, {}).get(self.pool_version)
        if not absent:
            return None
        names = ", ".join(absent[:3]) + (" and more" if len(absent) > 3 else "")
        return f"{self.pool} {self.pool_version} has no {names}, which {self.client} {self.version} uses"

    def refused(self) -> bool:
        """Return whether the client's requirement excludes the pool, so that no resolver takes both."""
        release = load().known(self.client, self.version)
        return release is not None and bool(self.pool) and not admits(release, self.pool, self.pool_version)

    def __str__(self) -> str:
        return f"{self.client} {self.version}" + (f" with {self.pool} {self.pool_version}" if self.pool else "")


@functools.cache
def _normal(package: str, version: str) -> str:
    release = load().known(package, version)
    return release.version if release else version


def _pairs_in(stack: Stack) -> list[_Pair]:
    """Return the pair of a stack; none for a bare pool, for several clients and for a release that is not known."""
    clients = [client for client in CLIENTS if client in stack.packages]
    pair = _Pair.of(stack.packages, clients[0]) if len(clients) == 1 else None
    return [pair] if pair and load().known(pair.client, pair.version) else []


def _judged(entry: Entry) -> bool:
    return entry.passes or entry.status in {Status.FAIL, Status.FLAKY}


def _take(cells: dict[str, InferredCell], asked: _Pair, pair: _Pair, stack: Stack, entry: Entry) -> None:
    """Take a verdict where there is none yet, or where the one that is there has a weaker basis."""
    name, basis = variant_name(entry.scenario, entry.variant), asked.basis(pair, entry)
    before = cells.get(name)
    if basis is not None and (before is None or (basis is Basis.SAME_CODE and before.basis is not basis)):
        cells[name] = InferredCell(stack, entry, str(pair), basis)


def _distance(
    asked: _Pair, packages: dict[str, str], python: str, stack: Stack, pair: _Pair
) -> tuple[bool, int, bool, bool, int, str]:
    """Return how far a stack is: the fewest releases of the client first, then of its companions."""
    return (
        pair.client != asked.client,
        _releases_apart(pair.client, asked.version, pair.version),
        pair.pool_version != asked.pool_version,
        stack.python != python,
        -sum(stack.packages.get(name) == version for name, version in packages.items()),
        stack.name,
    )


def _releases_apart(client: str, asked: str, other: str) -> int:
    """Return the number of releases between two; an unknown release counts as newer than the last."""
    positions = _positions(client)
    return abs(positions.get(asked, len(positions)) - positions[other])


@functools.cache
def _positions(client: str) -> dict[str, int]:
    return {release.version: at for at, release in enumerate(load().packages[client])}

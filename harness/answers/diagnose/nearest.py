"""Stored verdicts for versions in question: those of the nearest measured pair, by its pool.

Whether a pool leaks is decided by the pool: a pair that was never measured is answered by the same pool under the
nearest client, and a pool that was never measured by the nearest one. So more versions never give fewer verdicts.
"""

from __future__ import annotations

import bisect
from collections.abc import Iterable, Iterator

from packaging.version import InvalidVersion, Version

from ...catalogue.packages import CLIENT_OF, PACKAGES
from ...catalogue.releases import load
from ...ledger.stack import Entry, Stack
from ...verdict.words import Status

Pair = tuple[tuple[str, str], ...]
"""The client and the pool of a stack with their versions."""
POOL_OF = {client: pool for pool, client in CLIENT_OF.items()}


def pair_of(packages: dict[str, str]) -> Pair:
    """Return the clients and pools of a package set."""
    return tuple((name, packages[name]) for name in PACKAGES if name in packages)


def spec_of(pair: Pair) -> str:
    """Return a pair as a SPEC."""
    return ",".join(f"{name}=={version}" for name, version in pair)


def by_pair(stacks: Iterable[Stack]) -> dict[Pair, list[Entry]]:
    """Return the entries of a ledger by pair, the oldest pair of each family first."""
    found: dict[Pair, list[Entry]] = {}
    for stack in stacks:
        found.setdefault(pair_of(stack.packages), []).extend(stack.cells)
    return {pair: found[pair] for pair in sorted(found, key=_age)}


def in_family(cells: dict[Pair, list[Entry]], client: str) -> dict[Pair, list[Entry]]:
    """Return the pairs of a client, and those of its pool alone."""
    return {pair: entries for pair, entries in cells.items() if client_of(dict(pair)) == client}


def client_of(packages: dict[str, str], preferred: str = "") -> str | None:
    """Return the client whose pool is in question; of several families the preferred one."""
    names = [name for name in POOL_OF if name in packages]
    names += [name for name, pool in POOL_OF.items() if pool in packages]
    return preferred if preferred in names else next(iter(names), None)


def by_distance(pairs: Iterable[Pair], client: str, packages: dict[str, str]) -> list[Pair]:
    """Return the pairs that have an answer for the versions of a client and its pool, the nearest first.

    All have the nearest pool, or the nearest client where no pool is in question.
    """
    wanted = {name: packages[name] for name in (POOL_OF[client], client) if name in packages}
    known = ((_distances(wanted, dict(pair)), pair) for pair in pairs if wanted.keys() & dict(pair).keys())
    near = sorted(known)
    return [pair for distances, pair in near if distances[0] == near[0][0][0]]


def clean_after(cells: dict[Pair, list[Entry]], entry: Entry, pair: Pair | None) -> str | None:
    """Return the release after that of a pair on which the variant of an entry passes; None if there is none.

    Without a pair, the one after the last release that fails.
    """
    clean: str | None = None
    for name, version, passes in _along(cells, entry):
        if pair is not None and _place(name, version) <= _place(name, dict(pair).get(name, "0")):
            continue
        if not passes:
            clean = clean if pair else None
        elif clean is None:
            clean = f"{name}=={version}"
    return clean


def _along(cells: dict[Pair, list[Entry]], entry: Entry) -> Iterator[tuple[str, str, bool]]:
    """Yield each release of a pool that judges the variant of an entry, and whether it passes with all clients."""
    found: dict[tuple[str, str], bool] = {}
    for pair, entries in cells.items():
        judged = [one for one in entries if (one.scenario, one.variant) == (entry.scenario, entry.variant)]
        judged = [one for one in judged if one.passes or one.status in (Status.FAIL, Status.FLAKY)]
        if judged:
            release = next((part for part in pair if part[0] in CLIENT_OF), pair[0])
            found[release] = found.get(release, True) and all(one.passes for one in judged)
    for (name, version), passes in sorted(found.items(), key=lambda one: _place(*one[0])):
        yield name, version, passes


def _distances(wanted: dict[str, str], pair: dict[str, str]) -> tuple[int, ...]:
    steps = [_distance(name, version, pair.get(name)) for name, version in wanted.items()]
    return (*steps, *(-_place(name, version) for name, version in reversed(pair.items())))


def _distance(name: str, version: str, other: str | None) -> int:
    """Return the number of releases between two versions; an older one is nearer than a newer one."""
    if other is None:
        return 2 * len(load().packages[name]) + 2
    steps = _place(name, version) - _place(name, other)
    return 2 * steps if steps >= 0 else -2 * steps + 1


def _place(name: str, version: str) -> int:
    """Return the number of releases of a package that are not newer than a version."""
    try:
        return bisect.bisect(load().packages[name], Version(version), key=lambda release: release.parsed)
    except InvalidVersion:
        return 0


def _age(pair: Pair) -> tuple[int, ...]:
    return tuple(_place(name, version) for name, version in reversed(pair))

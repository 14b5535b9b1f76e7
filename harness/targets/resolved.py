"""What a resolver takes for a client or a pool that nothing pins: the release, from the catalogue alone."""

from __future__ import annotations

from dataclasses import replace

from packaging.specifiers import InvalidSpecifier, SpecifierSet

from ..catalogue.packages import CLIENTS
from ..catalogue.releases import Release, load
from ..catalogue.requirements import admits, newest_admitted, pool_required
from .lockfiles.pins import Pins, kind_of
from .lockfiles.reader import LockError
from .target import Target

RESOLVED = "to which it resolves"
"""The end of the note on a package that is not pinned."""


def packages_of(target: Target) -> tuple[dict[str, str], list[str]]:
    """Return the packages that a target names, with the pool that a client resolves to, and the notes on it."""
    packages = dict(target.pins)
    if target.bare or target.era or target.git or not target.pythons:
        return packages, []
    return with_pools(Pins(packages), target.pythons[0], "not named")


def with_clients(pins: Pins, python: str) -> Pins:
    """Return the pins of a lock with a release for each client that it does not pin, and a note on each.

    Raises LockError if none of its clients has a release.
    """
    loose = [client for client in pins.clients if client not in pins.versions]
    found = {client: _newest(client, pins, python) for client in loose}
    versions = pins.versions | {client: release.version for client, release in found.items() if release}
    if loose == pins.clients and not any(found.values()):
        raise LockError(
            f"{_unresolved(loose[0], pins)}; lock it, such as with `uv lock` or `uv pip compile`, or name a release, "
            f"such as {loose[0]}==VERSION"
        )
    notes = {
        client: f"{client} is {kind_of(pins.ranges[client])}; answered for {release.version}, {RESOLVED}"
        if release
        else f"{_unresolved(client, pins)}: it is left out"
        for client, release in found.items()
    }
    return replace(pins, versions=versions, notes=pins.notes | notes)


def _unresolved(client: str, pins: Pins) -> str:
    return f"{client} is {kind_of(pins.ranges[client])}, and no known release of it suits"


def _newest(client: str, pins: Pins, python: str) -> Release | None:
    """Return the newest release of a client that a resolver takes with the pool of a lock."""
    try:
        allowed = SpecifierSet(pins.ranges[client])
    except InvalidSpecifier:
        return None
    fitting = (
        release
        for release in reversed(load().releases(client))
        if allowed.contains(release.version)
        and SpecifierSet(release.requires_python or "").contains(f"{python}.99")
        and _suits_pool(release, client, pins, python)
    )
    return next(fitting, None)


def _suits_pool(release: Release, client: str, pins: Pins, python: str) -> bool:
    """Return whether the lock allows a release of the pool that a client's release requires."""
    pool = pool_required(client, release.version)
    if pool is None:
        return True
    if pool in pins.versions:
        return admits(release, pool, pins.versions[pool])
    return newest_admitted(release, pool, load().releases(pool), pins.ranges.get(pool, ""), python) is not None


def with_pools(pins: Pins, python: str, absent: str = "not in this lock") -> tuple[dict[str, str], list[str]]:
    """Return the versions of a lock with a pool for each client, and the notes on what is not pinned or `absent`."""
    versions, notes = dict(pins.versions), dict(pins.notes)
    for client in CLIENTS:
        pool = pool_required(client, versions[client]) if client in versions else None
        if pool is not None and pool not in versions:
            resolved, said = _resolved(client, pool, pins, python, absent)
            versions |= {pool: resolved} if resolved else {}
            notes |= {pool: said} if said else {}
    return versions, list(notes.values())


def _resolved(client: str, pool: str, pins: Pins, python: str, absent: str) -> tuple[str, str]:
    """Return the version of a pool, empty where none is known, and a note."""
    state = kind_of(pins.ranges[pool]) if pool in pins.ranges else absent
    release = load().known(client, pins.versions[client])
    if release is None:
        return "", f"{pool} is {state}, and {client} {pins.versions[client]} is newer than the catalogue"
    found = newest_admitted(release, pool, load().releases(pool), pins.ranges.get(pool, ""), python)
    if found is None:
        return "", f"{pool} is {state}, and no known release of it suits {client} {release.version}"
    return found.version, f"{pool} is {state}; answered for {found.version}, {RESOLVED}"

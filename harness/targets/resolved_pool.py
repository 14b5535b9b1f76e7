"""The pool of a client whose lock does not pin it: the release that a resolver takes, from the catalogue alone."""

from __future__ import annotations

from ..catalogue.packages import CLIENTS
from ..catalogue.releases import load
from ..catalogue.requirements import newest_admitted, pool_required
from .lockfiles.pins import Pins, kind_of

RESOLVED = "to which it resolves"
"""The end of the note on a pool that is not pinned."""


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

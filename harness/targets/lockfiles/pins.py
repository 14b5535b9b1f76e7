"""The pins of a lock that matter to a pool: one version of each package, and notes on those that have none."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from packaging.specifiers import SpecifierSet
from packaging.version import Version

from ...catalogue.dependents import dependents
from ...catalogue.packages import CLIENTS, COMPANIONS, RELEVANT
from ...catalogue.requirements import pool_required
from .pythons import environment_of
from .reader import Document, Locked, LockError


@dataclass(frozen=True, slots=True)
class Pins:
    """The pins of a lock for one Python: the `versions` by name.

    `ranges` has what the lock allows of each package that it does not pin. `notes` say of a package how it is
    understood, or why it is left out. `required_by` has the packages that require each client: by the lock's graph, or,
    where it has none, by what the catalogue records of well-known packages.
    """

    versions: dict[str, str]
    ranges: dict[str, str] = field(default_factory=dict)
    notes: dict[str, str] = field(default_factory=dict)
    required_by: dict[str, list[str]] = field(default_factory=dict)

    @property
    def clients(self) -> list[str]:
        """Return the clients that are in the lock, pinned or not."""
        return [name for name in CLIENTS if name in self.versions or name in self.ranges]

    def of(self, client: str) -> Pins:
        """Return what the lock has of one client: the client, its pool, and the companions of all clients."""
        kept = {client, pool_required(client, self.versions.get(client, "")), *COMPANIONS}
        parts = (self.versions, self.ranges, self.notes)
        versions, ranges, notes = ({name: part[name] for name in part if name in kept} for part in parts)
        return Pins(
            versions, ranges, notes, {name: self.required_by[name] for name in self.required_by if name in kept}
        )


def pins_for(document: Document, python: str, platform: str = "") -> Pins:
    """Return the pins of a lock for a minor version of Python, here or on a platform; raises LockError."""
    every = document.packages(environment_of(python, platform))
    versions: dict[str, str] = {}
    ranges: dict[str, str] = {}
    notes: dict[str, str] = {}
    for name in sorted(RELEVANT):
        entries = [locked for locked in every if locked.name == name]
        if not entries:
            continue
        version, said = _companion(name, entries) if name in COMPANIONS else _pin(name, entries)
        if version:
            versions[name] = version
        else:
            ranges[name] = next((locked.specifier for locked in entries if locked.specifier), "")
        if said:
            notes[name] = said
    return Pins(versions, ranges, notes, _required_by(every))


def _pin(name: str, entries: list[Locked]) -> tuple[str, str]:
    """Return the version of a client or pool and a note; no version for a range."""
    versions = _versions(name, entries)
    elsewhere = _elsewhere(entries)
    if len(versions) > 1:
        hint = "its markers allow both on this Python; name the pins, such as"
        export = "or the file that `uv export` or `poetry export` writes"
        raise LockError(f"{name} has two versions, {' and '.join(versions)}: {hint} {name}=={versions[-1]}, {export}")
    if elsewhere and versions and ".whl" in elsewhere:
        return versions[0], f"{name} comes from {elsewhere}; answered as its release {versions[0]}"
    if elsewhere:
        hint = "install it in an environment and name that, as python:PATH, or its `pip list --format=freeze`"
        raise LockError(f"{name} comes from {elsewhere}, which is not a registry: {hint}")
    if versions and Version(versions[0]).local:
        public = Version(versions[0]).public
        return public, f"{name} {versions[0]} is a build of its own; answered as its release {public}"
    return (versions[0] if versions else ""), ""


def _companion(name: str, entries: list[Locked]) -> tuple[str, str]:
    """Return the version of another package and a note; without a version, the note says why."""
    versions = _versions(name, entries)
    elsewhere = _elsewhere(entries)
    if elsewhere and not (versions and ".whl" in elsewhere):
        return "", f"{name} comes from {elsewhere}, which is not a registry: its version is left out"
    if len(versions) > 1:
        return "", f"{name} has two versions, {' and '.join(versions)}, on this Python: it is left out"
    return (versions[0], "") if versions else ("", f"{name} is {kind_of(entries[0].specifier)}")


def kind_of(specifier: str) -> str:
    """Return what a package without a pin is: a floor, a range, or not pinned."""
    if not specifier:
        return "not pinned"
    try:
        operators = {each.operator for each in SpecifierSet(specifier)}
    except ValueError:
        return "not pinned"
    return "a floor, not a pin" if operators <= {">=", ">"} else "a range, not a pin"


def _versions(name: str, entries: list[Locked]) -> list[str]:
    versions = sorted({locked.version for locked in entries if locked.version})
    for version in versions:
        try:
            Version(version)
        except ValueError:
            raise LockError(f"{version[:40]!r} of {name} is not a version; regenerate the lock file") from None
    return versions


def _elsewhere(entries: list[Locked]) -> str | None:
    found = next((locked.elsewhere for locked in entries if locked.elsewhere), None)
    # Addresses may have a password.
    return re.sub(r"//[^/@\s]*@", "//", found)[:200] if found else None


def _required_by(every: list[Locked]) -> dict[str, list[str]]:
    """Return what requires each client: by the lock's graph, else by what is recorded about the packages in it."""
    found: dict[str, set[str]] = {client: set() for client in CLIENTS}
    graph = any(locked.requires or locked.required_by for locked in every)
    for locked in every:
        requires = locked.requires if graph else dependents().clients_of(locked.name, locked.version)
        for client in found.keys() & set(requires):
            found[client].add(locked.name)
        if locked.name in found:
            found[locked.name] |= set(locked.required_by)
    present = {locked.name for locked in every}
    return {
        client: sorted(names - {client}) for client, names in found.items() if client in present and names - {client}
    }

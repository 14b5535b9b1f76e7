"""The packages, release and Python that a SPEC names, for answers from stored verdicts."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace

from packaging.version import InvalidVersion, Version

from ...catalogue.packages import CLIENTS, clients_of
from ...catalogue.releases import load
from ...environments.installed import Installed
from ...errors import UsageError
from ...targets.parse import parse
from ...targets.resolved import RESOLVED, packages_of
from ...targets.spec import LOCK, pins_in
from ...targets.target import Target

ERA_NOTE = "stored verdicts are with the dependencies of the cut-off date, not of the release date (deps=era)"
"""The note on a target with `?deps=era`."""


def package_set_in(environment: Installed, spec: str) -> PackageSet:
    """Return what is installed in an environment; raises UsageError if it has no client."""
    packages, python = environment.packages()
    found = PackageSet(spec=spec, packages=packages, python=python)
    if not found.clients:
        raise UsageError(f"{spec} has none of {', '.join(CLIENTS)}; name a target, such as httpx==0.28.1")
    # The metadata of every package is read only where the answer has to say which client belongs to what.
    return replace(found, required_by=environment.required_by(found.clients)) if len(found.clients) > 1 else found


def package_set_of(spec: str) -> PackageSet:
    """Return what a release, a pair or a lock names; raises UsageError."""
    target = _target(spec)
    named = target.spec.startswith(LOCK) or "@" in target.spec
    python = target.pythons[0] if named and target.pythons else ""
    packages, notes = packages_of(target)
    noted = target.release is None and not target.spec.startswith(LOCK)
    return PackageSet(
        target.spec,
        packages,
        target.release,
        python,
        notes=[*target.notes, *([ERA_NOTE] if target.era else []), *(notes if noted else [])],
        required_by=dict(target.required_by),
        unpinned=list(target.unpinned),
    )


def _target(spec: str) -> Target:
    """Return the target of a SPEC; releases newer than the catalogue are accepted too."""
    try:
        return parse(spec)
    except UsageError:
        pins = pins_in(re.split("[@?]", spec)[0])
        if not any(_is_newer(name, version) for name, version in pins):
            raise
        return Target(spec=spec, pins=tuple(pins))


def _is_newer(name: str, version: str) -> bool:
    known = load().packages.get(name, ())
    try:
        return bool(known) and Version(version) > known[-1].parsed
    except InvalidVersion:
        return False


@dataclass(frozen=True, slots=True)
class PackageSet:
    """A set of package versions; `release` is set if the SPEC is one release, `python` is a minor such as 3.11.

    `notes` say how a lock was understood. `required_by` has the packages that require each client, where it is known.
    `unpinned` has the packages that a lock contains without a version.
    """

    spec: str
    packages: dict[str, str]
    release: tuple[str, str] | None = None
    python: str = ""
    notes: list[str] = field(default_factory=list)
    required_by: dict[str, list[str]] = field(default_factory=dict)
    unpinned: list[str] = field(default_factory=list)

    @property
    def complete(self) -> bool:
        """Return True for an environment, and for a lock with its pool: they have all packages of the program."""
        resolved = any(note.endswith(RESOLVED) for note in self.notes)
        return self.spec.startswith((LOCK, "python:")) and not resolved

    def has(self, package: str) -> bool:
        """Return True if a package is installed or in the lock, with a version or without."""
        return package in self.packages or package in self.unpinned

    @property
    def clients(self) -> list[str]:
        return clients_of(self.packages)


def spec_of(packages: dict[str, str]) -> str:
    """Return packages as a SPEC."""
    return ",".join(f"{name}=={version}" for name, version in packages.items())


def parsed(version: str) -> Version:
    """Return a version that can be ordered; an invalid one is ordered before all others."""
    try:
        return Version(version)
    except InvalidVersion:
        return Version("0.dev0")

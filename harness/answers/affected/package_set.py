"""What a SPEC is about, for what answers from stored verdicts: packages, a release of a line, a Python."""

from __future__ import annotations

import re
from dataclasses import dataclass

from packaging.version import InvalidVersion, Version

from ...catalogue.packages import CLIENTS, POOLS
from ...catalogue.releases import load
from ...environments.installed import Installed
from ...errors import UsageError
from ...targets.parse import parse
from ...targets.spec import LOCK, pins_in
from ...targets.target import Target


def subject_in(environment: Installed, spec: str) -> Subject:
    """What an environment has; raises UsageError where there is no client in it."""
    packages, python = environment.packages()
    if not set(packages) & set(CLIENTS):
        raise UsageError(f"{spec} has none of {', '.join(CLIENTS)}; name a target, such as httpx==0.28.1")
    return Subject(spec=spec, packages=packages, python=python)


def subject_of(spec: str) -> Subject:
    """What a release, a pair or a lock is about; raises UsageError."""
    target = _target(spec)
    named = target.spec.startswith(LOCK) or "@" in target.spec
    release = target.release
    return Subject(target.spec, dict(target.pins), release, target.pythons[0] if named and target.pythons else "")


def _target(spec: str) -> Target:
    """A SPEC as a target; a release that is newer than the catalogue is one too, nothing has to be known of it."""
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
class Subject:
    """What is asked about: versions by package, the release of a line that it is named by, and a Python's minor."""

    spec: str
    packages: dict[str, str]
    release: tuple[str, str] | None = None
    python: str = ""

    @property
    def clients(self) -> list[str]:
        return [name for name in CLIENTS if name in self.packages]


def pool_of(packages: dict[str, str], client: str) -> dict[str, str]:
    """A client and its pool with their versions, as far as they are there."""
    names = (client, POOLS[CLIENTS.index(client)])
    return {name: packages[name] for name in names if name in packages}


def spec_of(packages: dict[str, str]) -> str:
    """Packages as a SPEC."""
    return ",".join(f"{name}=={version}" for name, version in packages.items())


def parsed(version: str) -> Version:
    """A version that can be ordered; what is none comes before everything."""
    try:
        return Version(version)
    except InvalidVersion:
        return Version("0.dev0")

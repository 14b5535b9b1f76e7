"""What a SPEC is about, for what answers from stored verdicts: packages, a release of a line, a Python."""

from __future__ import annotations

import re

from packaging.version import InvalidVersion, Version

from ...catalogue.packages import CLIENTS
from ...catalogue.releases import load
from ...environments.installed import Installed
from ...errors import UsageError
from ...targets.spec import LOCK, pins_in
from ...targets.target import Target, parse
from .nearest_fix import Subject


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

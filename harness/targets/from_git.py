"""Commits of a local clone as targets: `git:DIR?rev=REV`, with the dependencies of a similar release.

Imported only when needed: answers from stored verdicts need no Git.
"""

from __future__ import annotations

from pathlib import Path

from packaging.version import Version

from ..catalogue.releases import Release, load
from ..errors import UsageError
from .from_release import pythons_for, with_client
from .git import open_clone, resolve, revision_of
from .spec import ERA, GIT
from .target import Target


def committed(spec: str) -> Target:
    """Return the target of a spec such as `git:DIR?rev=REV`; raises UsageError with the reason."""
    if spec.endswith(ERA):
        raise UsageError(f"{spec.removesuffix(ERA)} is a commit and has no release date: `--deps era` is for releases")
    folder, _, name = spec.removeprefix(GIT).rpartition("?rev=")
    if not folder or not name:
        raise UsageError(f"{spec!r} does not name a commit; write git:DIR?rev=REV")
    clone = open_clone(folder)
    return commit_target(clone, resolve(clone, name))


def commit_target(clone: Path, commit: str) -> Target:
    """Return a commit of a clone as a target; one that no client can drive is `impossible`, with the reason."""
    spec = f"{GIT}{clone}?rev={commit}"
    try:
        revision = revision_of(clone, commit)
        like = _taken_for(load().releases(revision.package), revision.version)
        pins = tuple(with_client(load(), [(revision.package, like.version)]))
    except UsageError as error:
        return Target(spec=spec, impossible=str(error))
    return Target(spec=spec, pins=pins, pythons=pythons_for(spec, "", [like.requires_python or ""]), git=revision)


def _taken_for(known: list[Release], version: str) -> Release:
    """Return the newest release up to a version, or the first release of all."""
    return next((release for release in reversed(known) if release.parsed <= Version(version)), known[0])

"""Commits of a local clone as targets: `git:DIR?rev=REV`, beside what a release like it gets.

Loaded late: what answers at once from stored verdicts asks no Git.
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
    """The target of a spec such as `git:DIR?rev=REV`; raises UsageError with what is wrong."""
    if spec.endswith(ERA):
        raise UsageError(f"{spec.removesuffix(ERA)} is a commit and has no release date: `--deps era` is for releases")
    folder, _, name = spec.removeprefix(GIT).rpartition("?rev=")
    if not folder or not name:
        raise UsageError(f"{spec!r} names no commit; write git:DIR?rev=REV")
    clone = open_clone(folder)
    return commit_target(clone, resolve(clone, name))


def commit_target(clone: Path, commit: str) -> Target:
    """A commit of a clone as a target; one that nothing can drive is a target too, and says so."""
    spec = f"{GIT}{clone}?rev={commit}"
    try:
        revision = revision_of(clone, commit)
        like = _taken_for(load().releases(revision.package), revision.version)
        pins = tuple(with_client(load(), [(revision.package, like.version)]))
    except UsageError as error:
        return Target(spec=spec, impossible=str(error))
    return Target(spec=spec, pins=pins, pythons=pythons_for(spec, "", [like.requires_python or ""]), git=revision)


def _taken_for(known: list[Release], version: str) -> Release:
    """The newest release up to a version; before the first of them, that one."""
    return next((release for release in reversed(known) if release.parsed <= Version(version)), known[0])

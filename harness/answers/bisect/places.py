"""What is searched: the commits of a clone or the releases of a line, in a row from the good end to the bad one."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from ...catalogue.releases import load
from ...errors import NothingSelectedError, UsageError
from ...targets.from_git import commit_target
from ...targets.git import Commit, between, describe, is_ancestor, open_clone, resolve, revision_of
from ...targets.parse import parse_release
from ...targets.target import Target


@dataclass(frozen=True, slots=True)
class Place:
    """One place in the row: a commit's id or a version, its day, what its author says of it, and how to test it."""

    name: str
    date: str
    subject: str
    target: Target


@dataclass(frozen=True, slots=True)
class Range:
    """The row, good end first. `repair` tells that the good end is the newer one: what is sought mended it."""

    told: str
    package: str
    places: list[Place]
    repair: bool


def releases(line: str, good: str, bad: str) -> Range:
    """The releases of a line; raises UsageError for a line or a release that nobody knows."""
    catalogue = load()
    catalogue.line(line)
    if ":" in line:
        raise UsageError(
            f"{line!r}: --good and --bad say where the line begins and ends; write --line {line.split(':')[0]}"
        )
    ends = [catalogue.find(line, version).parsed for version in (good, bad)]
    if ends[0] == ends[1]:
        raise UsageError(f"--good and --bad are the same release, {line} {good}")
    found = [release for release in catalogue.releases(line) if min(ends) <= release.parsed <= max(ends)]
    places = [Place(one.version, one.date, "", parse_release(line, one.version)) for one in found]
    repair = ends[0] > ends[1]
    return Range(line, line, places[::-1] if repair else places, repair)


def commits(folder: str, good: str, bad: str) -> Range:
    """The commits of a clone that change its package or how it is built.

    Raises UsageError where the clone has no such commits, or neither is built on the other; NothingSelectedError where
    nothing lies between them.
    """
    clone = open_clone(folder)
    ids = [resolve(clone, name) for name in (good, bad)]
    if ids[0] == ids[1]:
        raise UsageError(f"--good and --bad are the same commit, {ids[0][:12]}")
    repair = not is_ancestor(clone, *ids)
    old, new = reversed(ids) if repair else ids
    if not is_ancestor(clone, old, new):
        raise UsageError(f"neither of {good} and {bad} is built on the other: name two commits of one history")
    package = revision_of(clone, ids[1]).package
    changing = between(clone, old, new, package)
    if not changing:
        raise NothingSelectedError(f"nothing between {good} and {bad} changes {package} or how it is built")
    row = [_place(clone, one) for one in (describe(clone, old), *changing)]
    return Range(str(clone), package, row[::-1] if repair else row, repair)


def _place(clone: Path, commit: Commit) -> Place:
    return Place(commit.id, commit.date, commit.subject, commit_target(clone, commit.id))

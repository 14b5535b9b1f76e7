"""The places to search: the commits of a clone or the releases of a line, from the good end to the bad one."""

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
    """One place in the row: a commit's id or a version, its day, its subject line, and its target."""

    name: str
    date: str
    subject: str
    target: Target


@dataclass(frozen=True, slots=True)
class Range:
    """The row of places, good end first. `repair` is True if the good end is newer: the search is for a fix."""

    searched: str
    package: str
    places: list[Place]
    repair: bool


def releases(line: str, good: str, bad: str) -> Range:
    """Return the releases of a line; raises UsageError for an unknown line or release."""
    catalogue = load()
    catalogue.line(line)
    if ":" in line:
        raise UsageError(f"{line!r}: --good and --bad are the ends of the line; write --line {line.split(':')[0]}")
    ends = [catalogue.find(line, version).parsed for version in (good, bad)]
    if ends[0] == ends[1]:
        raise UsageError(f"--good and --bad are the same release, {line} {good}")
    found = [release for release in catalogue.releases(line) if min(ends) <= release.parsed <= max(ends)]
    places = [Place(one.version, one.date, "", parse_release(line, one.version)) for one in found]
    repair = ends[0] > ends[1]
    return Range(line, line, places[::-1] if repair else places, repair)


def commits(folder: str, good: str, bad: str) -> Range:
    """Return the commits of a clone that change its package or its build.

    Raises UsageError if the clone lacks a commit or neither is an ancestor of the other; NothingSelectedError if no
    commit between them changes the package.
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

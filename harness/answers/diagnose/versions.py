"""Versions of clients and pools: named in a log, at the paths of its frames, allowed by its frames, or installed here.

The only files that a log can cause to be read are the metadata of packages in a folder that it names.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterable
from importlib.metadata import distributions
from pathlib import Path

import msgspec
from packaging.version import InvalidVersion, Version

from ...catalogue.line_index import Frame
from ...catalogue.packages import PACKAGES
from .frames import ReleasesFor
from .prefixes import Line

FRAMES, FOLDERS = 200, 4
"""The number of lines with a path that are examined, from the end, and of environments that are looked up."""

_PACKAGES = "|".join(sorted(PACKAGES, key=len, reverse=True))
_NAMED = re.compile(
    rf"(?<![\w.-])(?:python-)?({_PACKAGES})(?:==|/|-|[ \t]{{1,20}}v?|\" ?: ?\")(\d{{1,4}}(?:\.\w{{1,8}}){{1,4}})"
)
_FOLDER = re.compile(rf"\"?((?:/|[A-Za-z]:\\)[^\"\n:*?<>|]{{0,400}}?site-packages)[/\\](?:{_PACKAGES})[/\\]")


class Versions(msgspec.Struct, frozen=True):
    """Versions of clients and pools, and their source.

    Where the source leaves several releases of a package, `allowed` has them all and `packages` the newest.
    """

    packages: dict[str, str]
    source: str
    allowed: dict[str, list[str]] = {}


def versions_of(lines: list[Line], frames: list[Frame], releases_for: ReleasesFor) -> Versions | None:
    """Return the versions in question; those of packages that the log does not name are taken from its frames.

    What is installed here counts only if the log has no frame of a client: such a log was written elsewhere.
    """
    text = "\n".join(content for _, content in lines)
    known = versions_named(text) or versions_at_paths(text)
    ours = [frame for frame in frames if frame.package]
    allowed = versions_allowed(ours, releases_for)
    if known and allowed:
        return Versions({**allowed.packages, **known.packages}, known.source, _others(allowed, known))
    return known or allowed or (None if ours else versions_here())


def _others(allowed: Versions, known: Versions) -> dict[str, list[str]]:
    return {name: found for name, found in allowed.allowed.items() if name not in known.packages}


def versions_allowed(frames: Iterable[Frame], releases_for: ReleasesFor) -> Versions | None:
    """Return the releases whose source has the lines of the frames."""
    found = {name: list(releases) for name, releases in releases_for(frames).items() if releases}
    if not found:
        return None
    return Versions({name: releases[-1] for name, releases in found.items()}, "by its frames", found)


def versions_named(text: str) -> Versions | None:
    """Return the versions that the text names; if it names several of a package, the last."""
    found = {name: version for name, version in _NAMED.findall(text) if _valid(version)}
    return Versions(dict(sorted(found.items())), "named in the log") if found else None


def versions_at_paths(text: str) -> Versions | None:
    """Return the versions in the environment whose files the traceback names, if it is on this machine."""
    lines = [line for line in text.splitlines() if "site-packages" in line][-FRAMES:]
    folders = (match[1] for line in lines if (match := _FOLDER.search(line)))
    for folder in list(dict.fromkeys(folders))[:FOLDERS]:
        if packages := versions_in([folder]):
            return Versions(packages, "by its paths")
    return None


def versions_here() -> Versions | None:
    """Return the versions in the active virtual environment; without one, in the environment of poolgate."""
    active = os.environ.get("VIRTUAL_ENV")
    folders = [str(path) for path in sorted(Path(active).glob("lib/python3*/site-packages"))] if active else []
    packages = versions_in(folders or sys.path)
    return Versions(packages, "installed here, not named in the log") if packages else None


def versions_in(folders: list[str]) -> dict[str, str]:
    """Return the versions of clients and pools in folders of packages, from their metadata; the first folder counts."""
    existing = [folder for folder in folders if Path(folder).is_dir()]
    found = {name: next(iter(distributions(name=name, path=existing)), None) for name in PACKAGES}
    return {name: one.version for name, one in found.items() if one and one.version}


def _valid(version: str) -> bool:
    try:
        return bool(Version(version))
    except InvalidVersion:
        return False

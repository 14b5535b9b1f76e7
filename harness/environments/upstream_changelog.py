"""The changelog lines of a release, read from its installed metadata where they are included."""

from __future__ import annotations

import re
from importlib.metadata import distributions
from pathlib import Path

from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

_HEADING = re.compile(r"^#{1,3}\s+(.*)$")
_VERSION = re.compile(r"^(?:version\s+)?\[?v?(\d+(?:\.\w+)*)\]?(?:\W.*)?$", re.IGNORECASE)


def installed_changelog(interpreter: str, package: str, version: str) -> list[str]:
    """Return the changelog lines about a version from the description of a package installed for an interpreter."""
    paths = [str(path) for path in Path(interpreter).parent.parent.glob("lib/python*/site-packages")]
    for found in distributions(path=paths):
        if canonicalize_name(found.metadata["Name"]) == package:
            return changelog_lines(found.read_text("METADATA") or "", version)
    return []


def changelog_lines(description: str, version: str) -> list[str]:
    """Return the items below a version's heading, with continuation lines joined; empty without a heading."""
    inside, items = False, list[str]()
    for line in description.splitlines():
        if heading := _HEADING.match(line):
            stated = _VERSION.match(heading[1].strip())
            if inside and stated:
                break
            inside = inside or (stated is not None and _same(stated[1], version))
        elif inside and line.lstrip().startswith(("- ", "* ")):
            items.append(line.strip()[2:].strip())
        elif inside and items and line[:1] == " " and line.strip():
            items[-1] += f" {line.strip()}"
        elif inside and line.startswith("---"):
            break
    return items


def _same(one: str, other: str) -> bool:
    try:
        return Version(one) == Version(other)
    except InvalidVersion:
        return False

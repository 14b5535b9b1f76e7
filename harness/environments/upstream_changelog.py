"""What a release says of itself: the lines of its changelog, where the metadata that it was installed with has them."""

from __future__ import annotations

import re
from importlib.metadata import distributions
from pathlib import Path

from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

_HEADING = re.compile(r"^#{1,3}\s+(.*)$")
_VERSION = re.compile(r"^(?:version\s+)?\[?v?(\d+(?:\.\w+)*)\]?(?:\W.*)?$", re.IGNORECASE)


def installed_changelog(interpreter: str, package: str, version: str) -> list[str]:
    """The lines about a version in the description of a package as it is installed beside an interpreter."""
    paths = [str(path) for path in Path(interpreter).parent.parent.glob("lib/python*/site-packages")]
    for found in distributions(path=paths):
        if canonicalize_name(found.metadata["Name"]) == package:
            return changelog_lines(found.read_text("METADATA") or "", version)
    return []


def changelog_lines(description: str, version: str) -> list[str]:
    """The items below a version's heading; a line that goes on an item is joined to it. Nothing without a heading."""
    inside, told = False, list[str]()
    for line in description.splitlines():
        if heading := _HEADING.match(line):
            stated = _VERSION.match(heading[1].strip())
            if inside and stated:
                break
            inside = inside or (stated is not None and _same(stated[1], version))
        elif inside and line.lstrip().startswith(("- ", "* ")):
            told.append(line.strip()[2:].strip())
        elif inside and told and line[:1] == " " and line.strip():
            told[-1] += f" {line.strip()}"
        elif inside and line.startswith("---"):
            break
    return told


def _same(one: str, other: str) -> bool:
    try:
        return Version(one) == Version(other)
    except InvalidVersion:
        return False

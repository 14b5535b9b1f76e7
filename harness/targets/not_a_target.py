"""What the text of a target that can't be read may have meant, and how to write it."""

from __future__ import annotations

import re
from pathlib import Path

from ..catalogue.packages import PACKAGES
from .spec import LOCK, PYTHON

_PINNED = re.compile(r"(?P<name>[\w-]+)(?:\[[^\]]*\])?[ \t]*={1,3}[ \t]*(?P<version>[\w.]+)(?:\+[\w.]+)?", re.ASCII)
_RANGE = re.compile(r"(?P<name>[\w-]+)[ \t]*(?:[<>~!^]|==[ \t]*[\d.]*\*)")


def meant(text: str) -> str:
    """Return the SPEC that a text may have meant: a file, an environment, a range, or a pin in another form."""
    if kind := _kind_of(text):
        return f"write {kind}{text}"
    named = _RANGE.match(text)
    if named and named["name"].lower() in PACKAGES:
        return f"for a range use `poolgate floor '{text}'`, or write one version"
    found = [_PINNED.fullmatch(part.strip()) for part in text.split(",")]
    pins = [f"{each['name'].lower()}=={each['version']}" for each in found if each]
    if pins and len(pins) == len(found) and len(set(pins)) == len(pins) and ",".join(pins) != text:
        return f"write {','.join(pins)}"
    return "write httpx==0.27.2, httpx==0.24.1,httpcore==0.17.2, lock:PATH or python:PATH"


def _kind_of(text: str) -> str | None:
    """Return the prefix for an existing file or environment."""
    try:
        place = Path(text)
        if text and (place / "pyvenv.cfg").is_file():
            return PYTHON
        return LOCK if place.is_file() else None
    except (OSError, ValueError):
        return None

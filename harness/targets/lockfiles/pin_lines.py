"""Where a lock pins a package: the line that a reviewer has to change.

Looked for in the text, since what reads a lock keeps no lines. Where it is written in another way than locks are, there
is no line.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from ...catalogue.packages import CLIENTS, POOLS, RELEVANT
from .reader import normal

_HEAD = re.compile(r"^\s*\[\[?\s*(?P<table>[^\]]+?)\s*\]")
_KEY = re.compile(r"^\s*(?P<key>name|version)\s*=\s*(?P<quote>[\"'])(?P<value>[^\"']*)(?P=quote)")
_PIN = re.compile(r"^\s*(?P<name>[A-Za-z0-9][\w.-]*)\s*(?:\[[^\]]*\])?\s*={2,3}\s*(?P<version>[^\s;,\\#]+)")
_TABLES = {"package", "packages"}


class Pin(NamedTuple):
    """A package that is pinned in a line, counted from 1; the name is normalised."""

    name: str
    version: str
    line: int


def line_of(path: str, packages: dict[str, str], moved: Iterable[str] = ()) -> int | None:
    """The line of the pin that a finding is about, in the lock at a path; None where it can't be told.

    That is the pool's or else the client's, of `packages` by their versions; before these what has `moved`.
    """
    try:
        pins = list(pins_in_lines(Path(path).expanduser().read_text(errors="replace")))
    except (OSError, RuntimeError, ValueError):
        return None
    named = [name for name in (*POOLS, *CLIENTS) if name in packages]
    first = [name for name in (*POOLS, *CLIENTS, *RELEVANT) if name in set(moved) & packages.keys()]
    return next((line for name in [*first, *named] if (line := _line(pins, name, packages[name]))), None)


def _line(pins: list[Pin], name: str, version: str) -> int | None:
    """Of several pins of a name, such as for several Pythons, that with the version."""
    return next((pin.line for pin in pins if (pin.name, pin.version) == (name, version)), None)


def pins_in_lines(text: str) -> Iterator[Pin]:
    """What a lock's text pins, whatever its format is, as far as it is written a line each."""
    table, found = "", dict[str, str]()
    for number, line in enumerate(text.splitlines(), 1):
        if head := _HEAD.match(line):
            table, found = head["table"], {}
        elif table in _TABLES and (key := _KEY.match(line)):
            found[key["key"]] = key["value"]
            # Its own line is that of the version, which stands below the name in all that write locks.
            if key["key"] == "version" and "name" in found:
                yield Pin(normal(found["name"]), found["version"], number)
        elif not table and (pin := _PIN.match(line)):
            yield Pin(normal(pin["name"]), pin["version"], number)

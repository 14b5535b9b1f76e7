"""The line of a lock that pins a package, which a reviewer has to change.

The text is searched, because the readers of locks do not record lines. A lock in an unusual layout has no lines.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from ...catalogue.packages import CLIENTS, POOLS, RELEVANT
from .lock_file import decoded
from .reader import LockError, normal

_HEAD = re.compile(r"^\s*\[\[?\s*(?P<table>[^\]]+?)\s*\]")
_KEY = re.compile(r"^\s*(?P<key>name|version)\s*=\s*(?P<quote>[\"'])(?P<value>[^\"']*)(?P=quote)")
_PIN = re.compile(r"^\s*(?P<name>[A-Za-z0-9][\w.-]*)\s*(?:\[[^\]]*\])?\s*={2,3}\s*(?P<version>[^\s;,\\#]+)")
_OBJECT = re.compile(r"^\s*\"(?P<name>[\w.-]+)\"\s*:\s*\{(?P<rest>.*)$")
_STATED = re.compile(r"\"version\"\s*:\s*\"==(?P<version>[^\"]+)\"")
_TABLES = {"package", "packages"}


class Pin(NamedTuple):
    """A pinned package and its line, counted from 1; the name is normalised."""

    name: str
    version: str
    line: int


def line_of(path: str, packages: dict[str, str], moved: Iterable[str] = ()) -> int | None:
    """Return the line of the pin that causes a finding, in the lock at a path; None if it is not found.

    That is the line of a package that `moved`, else of the pool, else of the client, with its version in `packages`.
    """
    try:
        pins = list(pins_in_lines(decoded(Path(path).expanduser().read_bytes())))
    except (OSError, RuntimeError, ValueError, LockError):
        return None
    named = [name for name in (*POOLS, *CLIENTS) if name in packages]
    first = [name for name in (*POOLS, *CLIENTS, *RELEVANT) if name in set(moved) & packages.keys()]
    return next((line for name in [*first, *named] if (line := _line(pins, name, packages[name]))), None)


def _line(pins: list[Pin], name: str, version: str) -> int | None:
    """Return the line of a pin; there may be several of a name, such as for several Pythons."""
    return next((pin.line for pin in pins if (pin.name, pin.version) == (name, version)), None)


def pins_in_lines(text: str) -> Iterator[Pin]:
    """Yield the pins of a lock's text in any format, if each has its own line."""
    yield from _pins_in_objects(text) if text.lstrip().startswith("{") else _pins_in_tables(text)


def _pins_in_objects(text: str) -> Iterator[Pin]:
    """Yield the pins of a Pipfile.lock: the line of a version within the object of a name."""
    name = ""
    for number, line in enumerate(text.splitlines(), 1):
        if head := _OBJECT.match(line):
            name, line = head["name"], head["rest"]
        if name and (stated := _STATED.search(line)):
            yield Pin(normal(name), stated["version"], number)
            name = ""


def _pins_in_tables(text: str) -> Iterator[Pin]:
    table, found = "", dict[str, str]()
    for number, line in enumerate(text.splitlines(), 1):
        if head := _HEAD.match(line):
            table, found = head["table"], {}
        elif table in _TABLES and (key := _KEY.match(line)):
            found[key["key"]] = key["value"]
            # The line of the version counts; every tool writes it below the name.
            if key["key"] == "version" and "name" in found:
                yield Pin(normal(found["name"]), found["version"], number)
        elif not table and (pin := _PIN.match(line)):
            yield Pin(normal(pin["name"]), pin["version"], number)

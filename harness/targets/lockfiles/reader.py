"""The interface of a reader of one lock format, and its one error."""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from packaging.markers import InvalidMarker, Marker, UndefinedComparison, UndefinedEnvironmentName
from packaging.utils import canonicalize_name

from ...errors import UsageError

Table = dict[str, Any]


class LockError(UsageError):
    """A lock file that can't be read as a target; its text has the reason and what to do."""


class NoClientError(LockError):
    """A lock file with neither a client nor a pool."""


@dataclass(frozen=True, slots=True)
class Locked:
    """A package of a lock that applies in this environment, with its normalised name.

    `version` is empty if none is pinned, and `specifier` is then what the lock has instead. `elsewhere` is the source
    if that is not a registry. `requires` and `required_by` are names of packages, as far as the lock has a graph.
    """

    name: str
    version: str
    elsewhere: str | None = None
    specifier: str = ""
    requires: tuple[str, ...] = ()
    required_by: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Document:
    """A lock that was read: `packages` returns those that apply for marker variables, or raises LockError.

    `requires_python` is the specifier of the Pythons that the lock is for; empty if it has none. `names` are all names
    that the lock has for any Python or platform. `notes` say what of the lock was not read.
    """

    packages: Callable[[dict[str, str]], list[Locked]]
    requires_python: str = ""
    names: frozenset[str] = frozenset()
    notes: tuple[str, ...] = field(default=())


def applies(marker: str | None, environment: dict[str, str]) -> bool:
    """Return True if a marker holds or is empty; raises LockError for an invalid marker."""
    if not marker:
        return True
    try:
        return _parsed(marker).evaluate({"extra": "", **environment})
    except RecursionError:
        raise LockError("it is nested too deeply to be read; regenerate the lock file") from None
    except (InvalidMarker, UndefinedComparison, UndefinedEnvironmentName, ValueError, TypeError) as error:
        raise LockError(
            f"the marker {marker[:80]!r} can't be read ({type(error).__name__}); regenerate the lock file"
        ) from None


@functools.lru_cache(maxsize=4096)
def _parsed(marker: str) -> Marker:
    """Return a marker; a lock has the same few many times."""
    return Marker(marker)


def table_of(document: Table, key: str, owner: str = "") -> Table:
    """Return the table of a key, empty if it is missing; raises LockError if it is not a table."""
    found = document.get(key, {})
    if not isinstance(found, dict):
        raise LockError(f"{key!r}{owner and f' of {owner}'} is not a table; regenerate the lock file")
    return found


def tables(document: Table, key: str) -> list[Table]:
    """Return the array of tables of a key, each with a name; raises LockError if it is not valid."""
    found = document.get(key, [])
    if not isinstance(found, list) or not all(isinstance(table, dict) for table in found):
        raise LockError(f"{key!r} is not an array of tables; regenerate the lock file")
    nameless = next((table for table in found if not isinstance(table.get("name"), str)), None)
    if nameless is not None:
        raise LockError(f"a package has no name ({str(nameless)[:60]}); regenerate the lock file")
    return found


def strings_of(table: Table, key: str) -> list[str]:
    """Return the list of strings of a key, empty if it is missing; raises LockError if it is not valid."""
    found = table.get(key, [])
    if not isinstance(found, list) or not all(isinstance(text, str) for text in found):
        owner = table.get("name", "a package")
        raise LockError(f"{key!r} of {owner} is not a list of strings; regenerate the lock file")
    return found


def normal(name: str) -> str:
    """Return a package's name in its canonical form."""
    return str(canonicalize_name(name))


def names_of(packages: list[Table]) -> frozenset[str]:
    """Return the normalised names of tables of packages."""
    return frozenset(normal(package["name"]) for package in packages)


def text_of(table: Table, key: str) -> str:
    """Return the string of a key, empty if it is missing; raises LockError if it is not a string."""
    found = table.get(key, "")
    if not isinstance(found, str):
        raise LockError(f"{key!r} of {table.get('name', 'a package')} is not a string; regenerate the lock file")
    return found

"""The interface of a reader of one lock format, and its one error."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

from packaging.markers import InvalidMarker, Marker, UndefinedComparison, UndefinedEnvironmentName
from packaging.utils import canonicalize_name

from ...errors import UsageError


class LockError(UsageError):
    """A lock file that can't be read as a target; its text has the reason and what to do."""


@dataclass(frozen=True, slots=True)
class Locked:
    """A package of a lock that applies in this environment, with its normalised name.

    `version` is empty if none is pinned; `elsewhere` is its source if that is not a registry.
    """

    name: str
    version: str
    elsewhere: str | None = None


class Reader(Protocol):
    """A module that reads one format."""

    def read(self, text: str, environment: dict[str, str]) -> list[Locked]:
        """Return the packages of a lock's text for these marker variables; raises LockError."""
        ...


def applies(marker: str | None, environment: dict[str, str]) -> bool:
    """Return True if a marker holds or is empty; raises LockError for an invalid marker."""
    if not marker:
        return True
    try:
        return Marker(marker).evaluate({"extra": "", **environment})
    except (InvalidMarker, UndefinedComparison, UndefinedEnvironmentName, ValueError, TypeError) as error:
        raise LockError(
            f"the marker {marker!r} can't be read ({type(error).__name__}); regenerate the lock file"
        ) from None


def tables(document: dict[str, Any], key: str) -> list[dict[str, Any]]:
    """Return the array of tables of a key, each with a name; raises LockError if it is not valid."""
    found = document.get(key, [])
    if not isinstance(found, list) or not all(isinstance(table, dict) for table in found):
        raise LockError(f"{key!r} is not an array of tables; regenerate the lock file")
    nameless = next((table for table in found if not isinstance(table.get("name"), str)), None)
    if nameless is not None:
        raise LockError(f"a package has no name ({str(nameless)[:60]}); regenerate the lock file")
    return found


def normal(name: str) -> str:
    """Return a package's name in its canonical form."""
    return str(canonicalize_name(name))


def text_of(table: dict[str, Any], key: str) -> str:
    """Return the string of a key, empty if it is missing; raises LockError if it is not a string."""
    found = table.get(key, "")
    if not isinstance(found, str):
        raise LockError(f"{key!r} of {table.get('name', 'a package')} is not a string; regenerate the lock file")
    return found

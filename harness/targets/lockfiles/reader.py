"""What a reader of one lock format gives, and the one error that it may raise."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

from packaging.markers import InvalidMarker, Marker, UndefinedComparison, UndefinedEnvironmentName
from packaging.utils import canonicalize_name

from ...errors import UsageError


class LockError(UsageError):
    """A lock file that can't be read as a target; the text says what is wrong and what would do."""


@dataclass(frozen=True, slots=True)
class Locked:
    """One package of a lock that applies here, its name normalised.

    `version` is empty where none is pinned; `elsewhere` says where it comes from if not from a registry.
    """

    name: str
    version: str
    elsewhere: str | None = None


class Reader(Protocol):
    """A module that reads one format."""

    def read(self, text: str, environment: dict[str, str]) -> list[Locked]:
        """What a lock's text locks where these marker variables hold; raises LockError."""
        ...


def applies(marker: str | None, environment: dict[str, str]) -> bool:
    """Whether a marker holds; none always does. Raises LockError for what is no marker."""
    if not marker:
        return True
    try:
        return Marker(marker).evaluate({"extra": "", **environment})
    except (InvalidMarker, UndefinedComparison, UndefinedEnvironmentName, ValueError, TypeError) as error:
        raise LockError(f"the marker {marker!r} can't be read ({type(error).__name__}); lock it anew") from None


def tables(document: dict[str, Any], key: str) -> list[dict[str, Any]]:
    """The array of tables under a key, each of which has a name; raises LockError where it is something else."""
    found = document.get(key, [])
    if not isinstance(found, list) or not all(isinstance(table, dict) for table in found):
        raise LockError(f"{key!r} in it is no array of tables; lock it anew")
    nameless = next((table for table in found if not isinstance(table.get("name"), str)), None)
    if nameless is not None:
        raise LockError(f"a package in it has no name ({str(nameless)[:60]}); lock it anew")
    return found


def normal(name: str) -> str:
    """A package's name as registries compare it."""
    return str(canonicalize_name(name))


def text_of(table: dict[str, Any], key: str) -> str:
    """A text under a key, empty where there is none; raises LockError where it is something else."""
    found = table.get(key, "")
    if not isinstance(found, str):
        raise LockError(f"{key!r} of {table.get('name', 'a package')} in it is no text; lock it anew")
    return found

"""poetry.lock, of Poetry 1 and 2.

Poetry 2 writes the markers of each package; Poetry 1 only its supported Pythons.
"""

from __future__ import annotations

import tomllib
from typing import Any

from packaging.specifiers import InvalidSpecifier, SpecifierSet

from .reader import Locked, LockError, applies, normal, tables, text_of


def read(text: str, environment: dict[str, str]) -> list[Locked]:
    """Return every package whose markers and Pythons hold in this environment; raises LockError."""
    packages = tables(tomllib.loads(text), "package")
    return [_locked(package) for package in packages if _holds(package, environment)]


def _holds(package: dict[str, Any], environment: dict[str, str]) -> bool:
    markers = package.get("markers", "")
    each = list(markers.values()) if isinstance(markers, dict) else [markers]
    if not all(isinstance(marker, str) for marker in each):
        raise LockError(f"'markers' of {package['name']} is not a string; regenerate the lock file")
    return _allows(text_of(package, "python-versions"), environment) and any(
        applies(marker, environment) for marker in each or [""]
    )


def _allows(pythons: str, environment: dict[str, str]) -> bool:
    """Return True if a release supports this Python, or if its specifier is in a form that only Poetry reads."""
    try:
        return SpecifierSet(pythons.replace("*", "") if pythons == "*" else pythons).contains(
            environment["python_full_version"], prereleases=True
        )
    except InvalidSpecifier:
        return True


def _locked(package: dict[str, Any]) -> Locked:
    source = package.get("source", {})
    if not isinstance(source, dict):
        raise LockError(f"'source' of {package['name']} is not a table; regenerate the lock file")
    from_registry = source.get("type", "legacy") == "legacy"
    elsewhere = None if from_registry else f"{source.get('type')}+{source.get('url')}"
    return Locked(normal(package["name"]), text_of(package, "version"), elsewhere)

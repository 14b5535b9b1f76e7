"""pdm.lock: a package with extras stands there twice, the second time for what the extras add."""

from __future__ import annotations

import re

from .pythons import allows
from .reader import Document, Locked, LockError, Table, applies, names_of, normal, strings_of, table_of, tables, text_of

SOURCES = ("git", "hg", "svn", "bzr", "url", "path")
"""The keys of a package that does not come from a registry."""

_NAME = re.compile(r"\s*([A-Za-z0-9][\w.-]*)")


def read(document: Table) -> Document:
    """Return the lock; its packages are those whose marker and Pythons hold, of every group. Raises LockError."""
    packages = tables(document, "package")
    return Document(
        packages=lambda environment: [_locked(package) for package in packages if _holds(package, environment)],
        requires_python=" || ".join(_requires(table_of(document, "metadata"))),
        names=names_of(packages),
    )


def _requires(metadata: Table) -> list[str]:
    """Return the requirement of each target; one without a requirement allows every Python."""
    targets = metadata.get("targets", [])
    if not isinstance(targets, list) or not all(isinstance(target, dict) for target in targets):
        raise LockError("'targets' is not an array of tables; regenerate the lock file")
    found = [text_of(target, "requires_python") for target in targets]
    return found if all(found) else []


def _holds(package: Table, environment: dict[str, str]) -> bool:
    return allows(text_of(package, "requires_python"), environment) and applies(text_of(package, "marker"), environment)


def _locked(package: Table) -> Locked:
    elsewhere = next((f"{source} {package[source]}" for source in SOURCES if source in package), None)
    names = (_NAME.match(dependency) for dependency in strings_of(package, "dependencies"))
    requires = {normal(found[1]) for found in names if found} - {normal(package["name"])}
    return Locked(normal(package["name"]), text_of(package, "version"), elsewhere, requires=tuple(sorted(requires)))

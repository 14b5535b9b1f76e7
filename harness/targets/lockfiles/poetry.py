"""poetry.lock, of Poetry 1 and 2.

Poetry 2 writes the markers of each package; Poetry 1 only its supported Pythons.
"""

from __future__ import annotations

from .pythons import allows
from .reader import Document, Locked, LockError, Table, applies, names_of, normal, table_of, tables, text_of


def read(document: Table) -> Document:
    """Return the lock; its packages are those whose markers and Pythons hold. Raises LockError."""
    packages = tables(document, "package")
    return Document(
        packages=lambda environment: [_locked(package) for package in packages if _holds(package, environment)],
        requires_python=text_of(table_of(document, "metadata"), "python-versions"),
        names=names_of(packages),
    )


def _holds(package: Table, environment: dict[str, str]) -> bool:
    markers = package.get("markers", "")
    each = list(markers.values()) if isinstance(markers, dict) else [markers]
    if not all(isinstance(marker, str) for marker in each):
        raise LockError(f"'markers' of {package['name']} is not a string; regenerate the lock file")
    return allows(text_of(package, "python-versions"), environment) and any(
        applies(marker, environment) for marker in each or [""]
    )


def _optional(dependency: object) -> bool:
    """Return True if a package requires a dependency only with an extra of its own."""
    return isinstance(dependency, dict) and dependency.get("optional") is True


def _locked(package: Table) -> Locked:
    name = normal(package["name"])
    source = table_of(package, "source", package["name"])
    from_registry = source.get("type", "legacy") == "legacy"
    elsewhere = None if from_registry else f"{source.get('type')}+{source.get('url')}"
    dependencies = table_of(package, "dependencies", package["name"])
    requires = tuple(sorted(normal(each) for each, how in dependencies.items() if not _optional(how)))
    return Locked(name, text_of(package, "version"), elsewhere, requires=requires)

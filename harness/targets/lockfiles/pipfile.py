"""Pipfile.lock of Pipenv: its default section; what is for development only is left out."""

from __future__ import annotations

from .reader import Document, Locked, LockError, Table, applies, normal, table_of, text_of

SOURCES = ("git", "hg", "svn", "bzr", "file", "path")
"""The keys of a package that does not come from a registry."""


def read(document: Table) -> Document:
    """Return the lock; its packages are those of the default section whose markers hold. Raises LockError."""
    packages = table_of(document, "default")
    develop = len(table_of(document, "develop"))
    left_out = f"its develop section is left out ({develop} package{'' if develop == 1 else 's'})" if develop else ""
    return Document(
        packages=lambda environment: _packages(packages, environment),
        requires_python=_requires(table_of(table_of(document, "_meta"), "requires")),
        names=frozenset(map(normal, packages)),
        notes=(left_out,) if left_out else (),
    )


def _requires(requires: Table) -> str:
    python = text_of(requires, "python_version") or text_of(requires, "python_full_version")
    return f"=={'.'.join(python.split('.')[:2])}.*" if python else ""


def _packages(packages: Table, environment: dict[str, str]) -> list[Locked]:
    found = []
    for name, package in packages.items():
        if not isinstance(package, dict):
            raise LockError(f"{name!r} of the default section is not an object; regenerate the lock file")
        if applies(text_of(package, "markers"), environment):
            elsewhere = next((f"{source} {package[source]}" for source in SOURCES if source in package), None)
            stated = text_of(package, "version")
            version = stated.lstrip("=") if stated.startswith("==") else ""
            found.append(Locked(normal(name), version, elsewhere, "" if version else stated))
    return found

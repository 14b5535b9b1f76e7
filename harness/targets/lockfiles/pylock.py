"""pylock.toml, the standard lock format (PEP 751)."""

from __future__ import annotations

from packaging.pylock import Package, Pylock, PylockValidationError

from .reader import Document, Locked, LockError, Table, applies, normal


def read(document: Table) -> Document:
    """Return the lock; its packages are those whose marker holds. Raises LockError for an invalid file."""
    try:
        lock = Pylock.from_dict(document)
    except PylockValidationError as error:
        raise LockError(f"it breaks the standard of pylock.toml: {' '.join(str(error).split())[:200]}") from None
    return Document(
        packages=lambda environment: _packages(lock, environment),
        requires_python=str(lock.requires_python or ""),
        names=frozenset(str(package.name) for package in lock.packages),
    )


def _packages(lock: Pylock, environment: dict[str, str]) -> list[Locked]:
    extras = {"extras": frozenset(lock.extras or ()), "dependency_groups": frozenset(lock.dependency_groups or ())}
    return [_locked(package) for package in lock.packages if _holds(package, environment, extras)]


def _holds(package: Package, environment: dict[str, str], extras: dict[str, frozenset[str]]) -> bool:
    """Return True if a package is locked for this environment, with every extra and group selected."""
    if package.requires_python is not None and not package.requires_python.contains(
        environment["python_full_version"], prereleases=True
    ):
        return False
    if package.marker is None:
        return True
    try:
        return package.marker.evaluate({**environment, **extras}, context="lock_file")
    except (ValueError, TypeError, KeyError):
        return applies(str(package.marker), environment)


def _locked(package: Package) -> Locked:
    version = str(package.version) if package.version else ""
    names = (dependency.get("name") for dependency in package.dependencies or ())
    requires = tuple(sorted(normal(name) for name in names if isinstance(name, str)))
    return Locked(str(package.name), version, _elsewhere(package), requires=requires)


def _elsewhere(package: Package) -> str | None:
    if package.vcs is not None:
        return f"{package.vcs.type}+{package.vcs.url or package.vcs.path}"
    if package.directory is not None:
        return f"the directory {package.directory.path}"
    return (package.archive.url or package.archive.path) if package.archive is not None else None

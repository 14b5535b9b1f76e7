"""uv.lock: one lock for every platform and Python, of which only the packages that the project needs here count."""

from __future__ import annotations

from collections.abc import Iterator

from .reader import Document, Locked, LockError, Table, applies, names_of, normal, strings_of, table_of, tables, text_of

ROOTS = ("editable", "virtual", "directory")
"""The sources of the project's own members."""


def read(document: Table) -> Document:
    """Return the lock; its packages are those that the members need, with all their extras. Raises LockError."""
    packages = tables(document, "package")
    return Document(
        packages=lambda environment: _reached(packages, environment),
        requires_python=text_of(document, "requires-python"),
        names=names_of(packages),
    )


def _reached(every: list[Table], environment: dict[str, str]) -> list[Locked]:
    packages = [package for package in every if _forked_here(package, environment)]
    members = [package for package in packages if set(_source(package)) & set(ROOTS)]
    reached = _Walk(packages, environment)
    for member in members or packages:
        reached.take(member, everything=True)
    return [_locked(package, reached.requires.get(id(package), set())) for package in reached.packages]


class _Walk:
    """A walk from the members along the dependencies whose markers hold."""

    def __init__(self, packages: list[Table], environment: dict[str, str]) -> None:
        self._known: dict[str, list[Table]] = {}
        for package in packages:
            self._known.setdefault(package["name"], []).append(package)
        self._environment = environment
        self._done: set[tuple[int, str]] = set()
        self.packages: list[Table] = []
        self.requires: dict[int, set[str]] = {}

    def take(self, package: Table, everything: bool = False, extras: tuple[str, ...] = ()) -> None:
        """Add a package and its dependencies: of a member with every extra and group, else with the given extras."""
        waiting = [(package, everything, extras)]
        while waiting:
            taken, whole, asked = waiting.pop()
            for part in ("dependencies", *_optional(taken, whole, asked)):
                if (id(taken), part) in self._done:
                    continue
                self._done.add((id(taken), part))
                if part == "dependencies":
                    self.packages.append(taken)
                waiting += self._below(taken, part)

    def _below(self, package: Table, part: str) -> Iterator[tuple[Table, bool, tuple[str, ...]]]:
        kind, _, name = part.partition("/")
        group = table_of(package, kind, package["name"]).get(name, []) if name else package.get(kind, [])
        for dependency in tables({part: group}, part):
            if applies(text_of(dependency, "marker"), self._environment):
                self.requires.setdefault(id(package), set()).add(normal(dependency["name"]))
                yield from ((found, False, _extras(dependency)) for found in self._named(dependency))

    def _named(self, dependency: Table) -> list[Table]:
        """Return the packages of a name; the version of the dependency selects one of several."""
        wanted = text_of(dependency, "version")
        found = self._known.get(dependency["name"], [])
        return [package for package in found if wanted in ("", package.get("version"))]


def _extras(dependency: Table) -> tuple[str, ...]:
    extras = dependency.get("extra", [])
    if not isinstance(extras, list):
        raise LockError(f"'extra' of {dependency['name']} is not a list of strings; regenerate the lock file")
    return tuple(extra for extra in extras if isinstance(extra, str))


def _optional(package: Table, everything: bool, asked: tuple[str, ...]) -> list[str]:
    extras = table_of(package, "optional-dependencies", package["name"])
    groups = table_of(package, "dev-dependencies", package["name"]) if everything else {}
    return [
        *(f"optional-dependencies/{extra}" for extra in extras if everything or extra in asked),
        *(f"dev-dependencies/{group}" for group in groups),
    ]


def _forked_here(package: Table, environment: dict[str, str]) -> bool:
    """Return True if the resolution fork of a package is the one of this environment."""
    markers = strings_of(package, "resolution-markers")
    return not markers or any(applies(marker, environment) for marker in markers)


def _source(package: Table) -> Table:
    return table_of(package, "source", package["name"])


def _locked(package: Table, requires: set[str]) -> Locked:
    source = {kind: where for kind, where in _source(package).items() if kind != "registry"}
    elsewhere = next((f"{kind} {where}" for kind, where in source.items()), None)
    return Locked(normal(package["name"]), text_of(package, "version"), elsewhere, requires=tuple(sorted(requires)))

"""Requirements, as pip-compile, `uv export`, `uv pip compile`, `poetry export` and `pip freeze` write them.

Only the lines of packages that matter to a pool, or that require a client, are parsed whole. Files that are included
(`-r`) or that constrain (`-c`) are read from the same folder and revision; those with an address are not read.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import InvalidWheelFilename, parse_wheel_filename

from ...catalogue.dependents import dependents
from ...catalogue.packages import CLIENT_OF, CLIENTS, POOLS, RELEVANT
from .foreign import PINNED
from .lock_file import LockFile
from .reader import Document, Locked, LockError, applies, normal
from .requirement_lines import RequirementLine, lines_of

MOST_FILES = 100
"""The number of files that a file may include."""

EXTRAS = {"http2": "h2", "socks": "socksio", "trio": "trio"}
"""The extras that bring a package which matters; a file of direct requirements does not name it."""

BRINGING = (*CLIENTS, *POOLS, "anyio")
"""The packages that have these extras."""

_START = re.compile(r"^(?P<name>[A-Za-z0-9][\w.-]*)[ \t]*(?:\[[^\[\]]*\][ \t]*)?(?:$|==|[<>]|!=|~=|[;@(])")
_INCLUDE = re.compile(r"^(?:(?P<included>-r|--requirements?)|-c|--constraints?)(?:[ \t]*=?[ \t]*)(?P<name>\S.*)$")
_NAMED_PLACE = re.compile(
    r"^(?:(?:-e|--editable)[ \t=]*|(?=[\w+.-]+:/))(?P<place>\S*?#(?:\S*&)?egg=(?P<name>[A-Za-z0-9][\w.-]*))"
)
_REPOSITORY = re.compile(r"^(?:git|hg|svn|bzr)\+\S*/(?P<name>[\w-]+?)(?:\.git)?(?:@[^/#\s]+)?/?(?:#\S*)?$")
_OPTION = re.compile(r"^--?[A-Za-z]")
_OWN_OPTIONS = re.compile(r"[ \t]--[a-z].*$")
_PLACE = re.compile(r"^(?:[\w+.-]+:/|file:|\.{0,2}/|[\w.-]+/)\S+|^\S+\.(?:whl|zip|tar\.gz)\b")
_ADDRESS = re.compile(r"^[\w+.-]+://|^file:")
_COMPILED = re.compile(r"^#.*(?:by pip-compile with Python|--python-version)[ =]+(?P<python>3\.\d+)", re.MULTILINE)


@dataclass
class _Found:
    """The requirements and the constraints of a file and of all that it includes."""

    requirements: list[tuple[Requirement, list[str]]] = field(default_factory=list)
    constraints: list[tuple[Requirement, list[str]]] = field(default_factory=list)
    names: set[str] = field(default_factory=set)
    notes: list[str] = field(default_factory=list)
    files: int = 0


def read(text: str, file: LockFile | None = None) -> Document:
    """Return the lock of a requirements file; raises LockError for a line that is neither requirement nor option."""
    found = _Found()
    _collect(text, (file,) if file else (), found, found.requirements)
    compiled = _COMPILED.search(text)
    return Document(
        packages=lambda environment: list(_packages(found, environment)),
        requires_python=f">={compiled['python']}" if compiled else "",
        names=frozenset(found.names),
        notes=tuple(found.notes),
    )


def _collect(text: str, chain: tuple[LockFile, ...], found: _Found, into: list[tuple[Requirement, list[str]]]) -> None:
    """Add the requirements of a text; `chain` is the file that has it, after those that include it."""
    for line in lines_of(text):
        if include := _INCLUDE.match(line.text):
            below = into if include["included"] else found.constraints
            _include(include["name"].strip("\"' "), chain, found, below)
        elif _NAMED_PLACE.match(line.text) or not _OPTION.match(line.text):
            requirement = _requirement(line, chain)
            if requirement is not None:
                found.names.add(normal(requirement.name))
                into.append((requirement, line.via))


def _include(name: str, chain: tuple[LockFile, ...], found: _Found, into: list[tuple[Requirement, list[str]]]) -> None:
    if _ADDRESS.match(name) or not chain:
        found.notes.append(f"{name}, which it includes, was not read")
        return
    file = chain[-1].sibling(name)
    found.files += 1
    if any(each.path.resolve() == file.path.resolve() for each in chain):
        raise LockError(f"it includes {name}, which includes itself; break the circle")
    if found.files > MOST_FILES:
        raise LockError(f"it includes more than {MOST_FILES} files; name a lock that stands alone")
    try:
        _collect(file.text(), (*chain, file), found, into)
    except RecursionError:
        raise LockError(f"it includes {name}, and that is nested too deeply; name a lock that stands alone") from None


def _requirement(line: RequirementLine, chain: tuple[LockFile, ...]) -> Requirement | None:
    """Return the requirement of a line; None for a path, an address, or a package that does not matter."""
    place = _NAMED_PLACE.match(line.text)
    text = f"{place['name']} @ {place['place']}" if place else _OWN_OPTIONS.sub("", line.text)
    start = _START.match(text)
    if start is None:
        if _PLACE.match(text):
            return _wheel(text) or _repository(text)
        raise _invalid(line, chain)
    if normal(start["name"]) not in (*RELEVANT, *dependents().packages):
        return None
    try:
        return Requirement(text)
    except (InvalidRequirement, ValueError):
        raise _invalid(line, chain) from None


def _invalid(line: RequirementLine, chain: tuple[LockFile, ...]) -> LockError:
    if len(chain) > 1:
        # The content of another file than the named one is not quoted: a lock may include any file.
        return LockError(f"line {line.number} of {chain[-1].path.name}, which it includes, is not a requirement")
    quoted = " ".join(line.text.split())[:80]
    return LockError(f"line {line.number} is not a requirement: {quoted}; name {PINNED}")


def _wheel(text: str) -> Requirement | None:
    """Return the release that the name of a wheel states, as a requirement that comes from elsewhere."""
    place = text.partition(";")[0].strip()
    file = place.partition("#")[0].rpartition("/")[2]
    try:
        name, *_ = parse_wheel_filename(file)
        return Requirement(f"{name} @ {place if _ADDRESS.match(place) else 'file:' + place}")
    except (InvalidWheelFilename, InvalidRequirement):
        return None


def _repository(text: str) -> Requirement | None:
    """Return the package that the name of a repository states, if it is one that matters."""
    found = _REPOSITORY.match(text.partition(";")[0].strip())
    if found is None or normal(found["name"]) not in RELEVANT:
        return None
    return Requirement(f"{found['name']} @ {found[0]}")


def _packages(found: _Found, environment: dict[str, str]) -> Iterator[Locked]:
    """Yield every requirement that applies, with the pin of a constraint where it has none itself."""
    constrained = {
        normal(constraint.name): _pinned(constraint)
        for constraint, _ in found.constraints
        if _pinned(constraint) and applies(_marker(constraint), environment)
    }
    named: set[str] = set()
    brought: set[str] = set()
    for requirement, via in found.requirements:
        if not applies(_marker(requirement), environment):
            continue
        name = normal(requirement.name)
        named.add(name)
        brought |= {EXTRAS[extra] for extra in requirement.extras & EXTRAS.keys() if name in BRINGING}
        version = _pinned(requirement) or (constrained.get(name, "") if not requirement.url else "")
        specifier = "" if version else str(requirement.specifier)
        yield Locked(name, version, requirement.url, specifier, required_by=tuple(via))
    # A constraint holds for what is not named too: an installer takes it for the pool of a client that is named.
    for pool, client in CLIENT_OF.items():
        if client in named and pool not in named and pool in constrained:
            yield Locked(pool, constrained[pool])
    yield from (Locked(package, constrained.get(package, "")) for package in sorted(brought - named))


def _marker(requirement: Requirement) -> str | None:
    return str(requirement.marker) if requirement.marker else None


def _pinned(requirement: Requirement) -> str:
    """Return the version of `==VERSION` or `===VERSION`, or of the wheel that it comes from; empty for a range."""
    if requirement.url:
        return _version_in(requirement.url)
    pins = {
        each.version for each in requirement.specifier if each.operator in {"==", "==="} and "*" not in each.version
    }
    return pins.pop() if len(pins) == 1 else ""


def _version_in(address: str) -> str:
    """Return the version that the name of a wheel states; empty for other addresses."""
    try:
        return str(parse_wheel_filename(address.partition("#")[0].rpartition("/")[2])[1])
    except InvalidWheelFilename:
        return ""

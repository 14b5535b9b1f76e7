"""Targets: what is under test, written as one short string.

httpx==0.27.2                    one release, resolved as of the catalogue's cut-off date
httpx==0.24.1,httpcore==0.17.2   a pair
httpcore==1.0.9                  with the newest httpx whose requirement names it within bounds
...@3.8                          on that Python; else 3.11, 3.12, or the newest that the release allows
...?deps=era                     resolved as of the day of its newest pin instead; what `--deps era` adds to each spec
python:PATH                      an environment that exists, by its interpreter
git:DIR?rev=REV                  a commit of a local clone of one of our packages, beside what a release like it gets
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from packaging.specifiers import SpecifierSet
from packaging.version import Version

from .catalogue import CLIENT_OF, LINES, Catalogue, Release, load
from .errors import UsageError
from .revisions import Revision, open_clone, resolve, revision_of

CLIENTS = ("httpx", "httpx2", "httpxyz")
"""The packages that are used as clients, each imported by its own name."""

PYTHONS = ("3.11", "3.12", "3.13", "3.10", "3.9", "3.8", "3.7", "3.6")
"""The order in which a Python is chosen for a target that names none."""

ERA = "?deps=era"
_PIN = re.compile(r"^([A-Za-z0-9_-]+)==([A-Za-z0-9.]+)$")


@dataclass(frozen=True, slots=True)
class Target:
    """What is under test: `pins` and the minor versions of Python that will do, best first; or an `interpreter`.

    With `git` the package of that name comes from a commit, and its pin says which release it is taken for.
    """

    spec: str
    pins: tuple[tuple[str, str], ...] = ()
    pythons: tuple[str, ...] = ()
    interpreter: Path | None = None
    git: Revision | None = None
    impossible: str | None = None
    """Why a release of a line can't be put under test at all."""

    @property
    def era(self) -> bool:
        """Whether it is resolved as of its newest pin's day, and not as of the catalogue's cut-off."""
        return self.spec.endswith(ERA)

    @property
    def cutoff(self) -> str:
        """The instant (RFC 3339) before which the packages beside the pins were uploaded.

        In its era that is the end of the day (UTC) on which the newest pin was released.
        """
        if not self.era:
            return load().cutoff
        newest = max(load().find(name, version).date for name, version in self.pins)
        return f"{date.fromisoformat(newest) + timedelta(days=1)}T00:00:00Z"

    @property
    def requirements(self) -> tuple[str, ...]:
        """The pins as requirement strings, sorted; a commit is `NAME @ ID`."""
        git = self.git
        released = [f"{name}=={version}" for name, version in self.pins if git is None or name != git.package]
        return tuple(sorted([*released, *([f"{git.package} @ {git.commit}"] if git else [])]))

    @property
    def client(self) -> str:
        """The package that the worker imports; empty for an existing environment, whose packages tell."""
        return next((name for name, _ in self.pins if name in CLIENTS), "")

    @property
    def release(self) -> tuple[str, str] | None:
        """(line, release) where the spec names exactly one package of a line, else None."""
        named = _pins(re.split("[@?]", self.spec)[0]) if self.pins else []
        return named[0] if len(named) == 1 and named[0][0] in LINES else None


def parse(spec: str) -> Target:
    """Read a SPEC; raises UsageError with what is wrong and what would do."""
    if spec.startswith("python:"):
        return _existing(spec)
    if spec.startswith("git:"):
        return _committed(spec)
    if spec.startswith("lock:"):
        raise UsageError(f"{spec}: this version reads no lock files; name the pins, such as httpx==0.28.1")
    text, _, python = spec.removesuffix(ERA).partition("@")
    pins = _pins(text)
    if not pins or len({name for name, _ in pins}) != len(pins):
        raise UsageError(f"{spec!r} is no target; write httpx==0.27.2, httpx==0.24.1,httpcore==0.17.2 or python:PATH")
    catalogue = load()
    allowed = [catalogue.find(name, version).requires_python or "" for name, version in pins]
    complete = tuple(_with_client(catalogue, pins))
    return Target(spec=spec, pins=complete, pythons=_pythons(spec, python, allowed))


def parse_release(package: str, version: str, deps: str = "") -> Target:
    """A release of a line as a target; one that nothing can drive is a target too, and says so.

    `deps` is ERA or nothing.
    """
    spec = f"{package}=={version}{deps}"
    try:
        return parse(spec)
    except UsageError as error:
        return Target(spec=spec, pins=((package, version),), impossible=str(error))


def _existing(spec: str) -> Target:
    if spec.endswith(ERA):
        raise UsageError(f"{spec.removesuffix(ERA)} exists and is not resolved: `--deps era` is for releases")
    interpreter = Path(spec.removeprefix("python:")).expanduser()
    if interpreter.is_dir():
        interpreter = interpreter / "bin" / "python"
    if not interpreter.is_file():
        raise UsageError(f"{spec}: there is no interpreter at {interpreter}")
    # Not resolved: a virtual environment is known by the link, not by what it points to.
    return Target(spec=spec, interpreter=interpreter.absolute())


def _committed(spec: str) -> Target:
    if spec.endswith(ERA):
        raise UsageError(f"{spec.removesuffix(ERA)} is a commit and has no release date: `--deps era` is for releases")
    folder, _, name = spec.removeprefix("git:").rpartition("?rev=")
    if not folder or not name:
        raise UsageError(f"{spec!r} names no commit; write git:DIR?rev=REV")
    clone = open_clone(folder)
    return commit_target(clone, resolve(clone, name))


def commit_target(clone: Path, commit: str) -> Target:
    """A commit of a clone as a target; one that nothing can drive is a target too, and says so."""
    spec = f"git:{clone}?rev={commit}"
    try:
        revision = revision_of(clone, commit)
        like = _taken_for(load().releases(revision.package), revision.version)
        pins = tuple(_with_client(load(), [(revision.package, like.version)]))
    except UsageError as error:
        return Target(spec=spec, impossible=str(error))
    return Target(spec=spec, pins=pins, pythons=_pythons(spec, "", [like.requires_python or ""]), git=revision)


def _taken_for(known: list[Release], version: str) -> Release:
    """The newest release up to a version; before the first of them, that one."""
    return next((release for release in reversed(known) if release.parsed <= Version(version)), known[0])


def _pins(text: str) -> list[tuple[str, str]]:
    matches = [_PIN.match(part.strip()) for part in text.split(",")]
    return [(match[1].lower(), match[2]) for match in matches if match] if all(matches) else []


def _with_client(catalogue: Catalogue, pins: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """The pins, and for a bare pool the client that it is used through."""
    names = {name for name, _ in pins}
    lonely = [(name, version) for name, version in pins if name in CLIENT_OF and CLIENT_OF[name] not in names]
    partners = [(CLIENT_OF[name], catalogue.partner(name, version)) for name, version in lonely]
    return sorted(pins + [(name, version) for name, version in partners if version is not None])


def _pythons(spec: str, asked: str, requires: list[str]) -> tuple[str, ...]:
    if asked and asked not in PYTHONS:
        known = sorted(PYTHONS, key=lambda python: int(python.partition(".")[2]))
        raise UsageError(f"{spec}: {asked!r} is no Python that poolgate knows; it knows {', '.join(known)}")
    if asked:
        return (asked,)
    allowed = SpecifierSet(",".join(filter(None, requires)))
    # Only the minor version is known before an interpreter is found; none of these releases excludes a patch level.
    return tuple(python for python in PYTHONS if allowed.contains(f"{python}.99"))

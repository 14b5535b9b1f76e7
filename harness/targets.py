"""Targets: what is under test, written as one short string.

httpx==0.27.2                    one release, resolved as of the catalogue's cut-off date
httpx==0.24.1,httpcore==0.17.2   a pair, and what else is to be pinned beside it, such as ,h11==0.14.0
httpcore==1.0.9                  with the newest httpx that works with it by its own bounds; bare where none is
httpcore==1.0.9?bare             the pool itself, used directly, with no client above it
...@3.8                          on that Python; else 3.11, 3.12, or the newest that the release allows
...?deps=era                     resolved as of the day of its newest pin instead; what `--deps era` adds to each spec
...@3.8?bare&deps=era            all of it: the Python first, then `?` and what follows it joined by `&`
python:PATH                      an environment that exists, by its interpreter
lock:PATH                        what a lock file pins of what matters to a pool; `?rev=GITREV` reads it from a revision
git:DIR?rev=REV                  a commit of a local clone of one of our packages, beside what a release like it gets
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from packaging.specifiers import SpecifierSet

from .catalogue import CLIENT_OF, LINES, PACKAGES, Catalogue, load
from .errors import UsageError
from .installed import interpreter_at
from .relevant import CLIENTS, COMPANIONS, POOLS

if TYPE_CHECKING:
    from .revisions import Revision

PYTHONS = ("3.11", "3.12", "3.13", "3.10", "3.9", "3.8", "3.7", "3.6")
"""The order in which a Python is chosen for a target that names none."""

ERA = "?deps=era"
BARE = "?bare"
_FLAGS = {ERA[1:], BARE[1:]}
_EXAMPLE = "httpcore==1.0.9?bare"
LOCK = "lock:"
GIT = "git:"
_COMMIT = re.compile(r"\+g([0-9a-f]{7,40})$")
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
        return ERA[1:] in _flags(self.spec)

    @property
    def bare(self) -> bool:
        """Whether a pool is asked for without the client that there may be for it."""
        return BARE[1:] in _flags(self.spec)

    @property
    def exempt(self) -> tuple[str, ...]:
        """The packages that no cut-off hides: what a lock file pins is taken as it was locked."""
        return tuple(name for name, _ in self.pins) if self.spec.startswith(LOCK) else ()

    @property
    def cutoff(self) -> str:
        """The instant (RFC 3339) before which the packages beside the pins were uploaded.

        In its era that is the end of the day (UTC) on which the newest pin was released.
        """
        if not self.era:
            return load().cutoff
        newest = max(load().find(name, version).date for name, version in self.pins if name not in COMPANIONS)
        return f"{date.fromisoformat(newest) + timedelta(days=1)}T00:00:00Z"

    @property
    def requirements(self) -> tuple[str, ...]:
        """The pins and what those releases forgot to require, as requirement strings, sorted; a commit is `NAME @ ID`.

        A bare pool comes with what it needs to run on asyncio.
        """
        git = self.git
        extra = "[asyncio]" if self.client in POOLS else ""
        released = [(name, version) for name, version in self.pins if git is None or name != git.package]
        pins = [f"{name}{extra if name in POOLS else ''}=={version}" for name, version in released]
        known = [load().known(name, version) for name, version in self.pins]
        beside = [more for release in known if release is not None for more in release.beside]
        return tuple(sorted([*pins, *beside, *([f"{git.package} @ {git.commit}"] if git else [])]))

    @property
    def client(self) -> str:
        """The package that the worker imports; empty for an existing environment, whose packages tell."""
        return imported([name for name, _ in self.pins]) or ""

    @property
    def release(self) -> tuple[str, str] | None:
        """(line, release) where the spec names exactly one package of a line, else None.

        A pool on its own though a client drives it is off the line, whose verdicts are of the two together.
        """
        named = [] if self.bare or not self.pins else pins_in(re.split("[@?]", self.spec)[0])
        return named[0] if len(named) == 1 and named[0][0] in LINES else None


def parse(spec: str) -> Target:
    """Read a SPEC; raises UsageError with what is wrong and what would do."""
    if spec.startswith("python:"):
        return _existing(spec)
    if spec.startswith(GIT):
        # Imported late, as locks are: what answers from the ledger at once seldom asks Git.
        from .committed import committed

        return committed(spec)
    if spec.startswith(LOCK):
        return _locked(spec)
    text, _, python = spec.partition("?")[0].partition("@")
    pins = pins_in(text)
    if not pins or len({name for name, _ in pins}) != len(pins) or not set(_flags(spec)) <= _FLAGS:
        raise UsageError(f"{spec!r} is no target; write httpx==0.27.2, httpx==0.24.1,httpcore==0.17.2 or python:PATH")
    catalogue = load()
    known = [(name, version) for name, version in pins if name not in COMPANIONS or len(pins) == 1]
    allowed = [catalogue.find(name, version).requires_python or "" for name, version in known]
    complete = tuple(_bare(spec, pins) if BARE[1:] in _flags(spec) else with_client(catalogue, pins))
    return Target(spec=spec, pins=complete, pythons=pythons_for(spec, python, allowed))


def parse_release(package: str, version: str, deps: str = "") -> Target:
    """A release of a line as a target; one that can't be one is a target too, and says so.

    `deps` is ERA or nothing.
    """
    spec = f"{package}=={version}{deps}"
    try:
        return parse(spec)
    except UsageError as error:
        return Target(spec=spec, pins=((package, version),), impossible=str(error))


def in_era(spec: str) -> str:
    """The spec with what `--deps era` adds to it, once."""
    if ERA[1:] in _flags(spec):
        return spec
    return f"{spec}&{ERA[1:]}" if _flags(spec) else spec.removesuffix(ERA) + ERA


def spec_of(packages: dict[str, str], python: str = "") -> str:
    """The spec of a package set, as it can be asked for again: a pool without a client is a bare one.

    A commit is asked for in a clone: where it lies is no part of a package set.
    """
    if commit := commit_in(packages):
        return f"{GIT}.?rev={commit}"
    bare = imported(packages) in POOLS
    known = [imported(packages)] if bare else [name for name in PACKAGES if name in packages]
    pins = ",".join(f"{name}=={packages[name]}" for name in known if name)
    return pins + (f"@{python}" if python else "") + (BARE if bare else "")


def commit_in(packages: dict[str, str]) -> str | None:
    """The commit, shortened, that one of our packages comes from by its local version; None where all are releases."""
    found = (_COMMIT.search(packages[name]) for name in PACKAGES if name in packages)
    return next((match[1] for match in found if match), None)


def imported(packages: Iterable[str]) -> str | None:
    """Which of these packages a worker imports: a client, else a pool, else none."""
    found = set(packages)
    return next((name for name in (*CLIENTS, *POOLS) if name in found), None)


def _flags(spec: str) -> list[str]:
    if spec.startswith(("python:", LOCK, GIT)):
        return []
    return [flag for flag in spec.partition("?")[2].split("&") if flag]


def _existing(spec: str) -> Target:
    if spec.endswith(ERA):
        raise UsageError(f"{spec.removesuffix(ERA)} exists and is not resolved: `--deps era` is for releases")
    if spec.endswith(BARE):
        raise UsageError(f"{spec}: an environment is used through the client in it; name the pool, as in {_EXAMPLE}")
    return Target(spec=spec, interpreter=interpreter_at(spec.removeprefix("python:")))


def _locked(spec: str) -> Target:
    """A lock's pins on the Python that runs us: its markers were evaluated for that one."""
    if spec.endswith(ERA):
        raise UsageError(f"{spec.removesuffix(ERA)} is locked and not resolved: `--deps era` is for releases")
    # Imported late: what answers from the ledger at once seldom reads a lock.
    from .locks import read_lock

    return Target(spec=spec, pins=read_lock(spec), pythons=(f"{sys.version_info.major}.{sys.version_info.minor}",))


def pins_in(text: str) -> list[tuple[str, str]]:
    """The pins (name, version) of a text such as `httpx==0.24.1,httpcore==0.17.2`; none where it can't be read."""
    matches = [_PIN.match(part.strip()) for part in text.split(",")]
    return [(match[1].lower(), match[2]) for match in matches if match] if all(matches) else []


def _bare(spec: str, pins: list[tuple[str, str]]) -> list[tuple[str, str]]:
    names = [name for name, _ in pins if name in (*CLIENTS, *POOLS)]
    if len(names) != 1 or names[0] not in POOLS:
        raise UsageError(
            f"{spec}: a bare pool has no client above it; name one of {', '.join(POOLS)}, as in {_EXAMPLE}"
        )
    return pins


def with_client(catalogue: Catalogue, pins: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """The pins, and for a pool the client that it is used through; where there is none, it is used by itself."""
    names = {name for name, _ in pins}
    lonely = [(name, version) for name, version in pins if name in CLIENT_OF and CLIENT_OF[name] not in names]
    partners = [(CLIENT_OF[name], catalogue.partner(name, version)) for name, version in lonely]
    return sorted(pins + [(name, version) for name, version in partners if version is not None])


def pythons_for(spec: str, asked: str, requires: list[str]) -> tuple[str, ...]:
    if asked and asked not in PYTHONS:
        known = sorted(PYTHONS, key=lambda python: int(python.partition(".")[2]))
        raise UsageError(f"{spec}: {asked!r} is no Python that poolgate knows; it knows {', '.join(known)}")
    if asked:
        return (asked,)
    allowed = SpecifierSet(",".join(filter(None, requires)))
    # Only the minor version is known before an interpreter is found; none of these releases excludes a patch level.
    return tuple(python for python in PYTHONS if allowed.contains(f"{python}.99"))

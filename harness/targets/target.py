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
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from ..catalogue.packages import COMPANIONS, LINES, POOLS
from ..catalogue.releases import load
from .spec import BARE, ERA, LOCK, flags_of, imported, pins_in

if TYPE_CHECKING:
    from .git import Revision


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
        return ERA[1:] in flags_of(self.spec)

    @property
    def bare(self) -> bool:
        """Whether a pool is asked for without the client that there may be for it."""
        return BARE[1:] in flags_of(self.spec)

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


def minor(python: str) -> str:
    """The minor version of a full one: "3.11" of "3.11.7"."""
    return ".".join(python.split(".")[:2])

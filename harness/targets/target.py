"""Targets: what is tested, written as one short string.

httpx==0.27.2                    one release, resolved on the catalogue's cut-off date
httpx==0.24.1,httpcore==0.17.2   a pair; more pins may follow, such as ,h11==0.14.0
httpcore==1.0.9                  with the newest httpx that works with it and bounds it; bare if none does
httpcore==1.0.9?bare             the pool itself, used directly, without a client
...@3.8                          on that Python; by default 3.11, 3.12, or the newest that the release allows
...?deps=era                     resolved on the day of its newest pin; `--deps era` adds this to each spec
...@3.8?bare&deps=era            all together: the Python, then `?` and the flags joined by `&`
python:PATH                      an existing environment, by its interpreter
lock:PATH                        the pins of a lock file that matter to a pool, on a Python that the lock is for
lock:PATH@3.13?rev=GITREV        ... on that Python, read from a Git revision; `&client=httpx2` names one of its clients
git:DIR?rev=REV                  a commit of a local clone, with the dependencies of a similar release
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
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
    """A target: `pins` and the usable minor versions of Python, best first; or an `interpreter`.

    With `git`, its package comes from a commit, and the pin of the package names the similar release.
    """

    spec: str
    pins: tuple[tuple[str, str], ...] = ()
    pythons: tuple[str, ...] = ()
    interpreter: Path | None = None
    git: Revision | None = None
    impossible: str | None = None
    """The reason why a release of a line can't be tested at all."""
    notes: tuple[str, ...] = field(default=(), compare=False)
    """How a lock was understood: its Python, and packages without a pin."""
    unpinned: tuple[str, ...] = field(default=(), compare=False)
    """The packages of a lock that it does not pin, such as a floor, and that matter to a pool."""
    required_by: Mapping[str, list[str]] = field(default_factory=dict, compare=False)
    """The packages of a lock that require each client; empty if the lock has no graph."""

    @property
    def era(self) -> bool:
        """Return True if it is resolved on the day of its newest pin, not on the catalogue's cut-off date."""
        return ERA[1:] in flags_of(self.spec)

    @property
    def bare(self) -> bool:
        """Return True if a pool is tested without a client."""
        return BARE[1:] in flags_of(self.spec)

    @property
    def exempt(self) -> tuple[str, ...]:
        """Return the packages that no cut-off applies to: the pins of a lock file."""
        return tuple(name for name, _ in self.pins) if self.spec.startswith(LOCK) else ()

    @property
    def cutoff(self) -> str:
        """Return the instant (RFC 3339) before which the other packages were uploaded.

        With `era` that is the end of the day (UTC) on which the newest pin was released.
        """
        if not self.era:
            return load().cutoff
        newest = max(load().find(name, version).date for name, version in self.pins if name not in COMPANIONS)
        return f"{date.fromisoformat(newest) + timedelta(days=1)}T00:00:00Z"

    @property
    def requirements(self) -> tuple[str, ...]:
        """Return the pins and the requirements missing from their metadata, as sorted texts; a commit is `NAME @ ID`.

        A bare pool has the extra that it needs to run on asyncio.
        """
        git = self.git
        extra = "[asyncio]" if self.client in POOLS else ""
        released = [(name, version) for name, version in self.pins if git is None or name != git.package]
        pins = [f"{name}{extra if name in POOLS else ''}=={version}" for name, version in released]
        known = [load().known(name, version) for name, version in self.pins]
        missing = [more for release in known if release is not None for more in release.missing]
        return tuple(sorted([*pins, *missing, *([f"{git.package} @ {git.commit}"] if git else [])]))

    @property
    def client(self) -> str:
        """Return the package that the worker imports; empty for an existing environment, whose packages decide."""
        return imported([name for name, _ in self.pins]) or ""

    @property
    def release(self) -> tuple[str, str] | None:
        """Return (line, release) if the spec names exactly one package of a line, else None.

        A bare pool is not on its line, because the verdicts of a line are of client and pool together.
        """
        named = [] if self.bare or not self.pins else pins_in(re.split("[@?]", self.spec)[0])
        if len(named) != 1 or named[0][0] not in LINES:
            return None
        name, written = named[0]
        return name, dict(self.pins).get(name, written)


def minor(python: str) -> str:
    """Return the minor version of a full one: "3.11" for "3.11.7"."""
    return ".".join(python.split(".")[:2])

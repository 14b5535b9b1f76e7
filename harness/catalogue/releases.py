"""The catalogue of releases: a file of the package, so that a release line needs no network.

`python -m poolgate.maintenance.catalogue.make` writes it with a recorded cut-off. Reading it needs no registry, so that
one version of poolgate always knows the same releases.

Schema version 1. `packages` has the final releases of each package in version order; `pairs` names the client that
drives each release of a pool.
"""

from __future__ import annotations

import bisect
import functools
import os
from pathlib import Path
from typing import Literal

import msgspec
from packaging.version import InvalidVersion, Version

from ..errors import Exit, NothingSelectedError, PoolgateError, UsageError
from .packages import CLIENT_OF, LINES, PACKAGES

SCHEMA = "poolgate/catalogue"
VERSION = 1
PACKAGED = Path(__file__).resolve().with_name("catalogue.json")


NAMED = "POOLGATE_CATALOGUE"
"""The environment variable that names another catalogue, such as the one that `poolgate new` writes."""


class CatalogueError(PoolgateError):
    """A catalogue that can't be read or made."""

    exit_code = Exit.HARNESS

    def __init__(self, text: str) -> None:
        super().__init__(" ".join(text.split()))


class Release(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """One final release of a package.

    `date` is the day (UTC) of its first file. `requirement` is a client's requirement of its pool, verbatim. `wheel` is
    True if it has a usable wheel; in some, files of an earlier build hide a module. `code` is equal for two releases of
    a package exactly if their own code is equal, apart from the version number in it. `missing` has the
    requirements that are missing from its metadata and without which it can't be imported.
    """

    version: str
    date: str
    requires_python: str | None
    requirement: str | None
    wheel: bool
    code: str
    missing: tuple[str, ...] = msgspec.field(default=(), name="beside")

    @property
    def parsed(self) -> Version:
        """Return the version in a form that can be ordered."""
        return _parsed(self.version)


class Pair(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The client that drives a release of a pool: a version under the client's name, or none and the `reason`.

    `bounded` is False if the client's `requirement` admits the pool without an upper bound. `passed_over` has the newer
    clients whose requirement admits the pool but that don't work with it, each with the reason.
    """

    httpx: str | None = None
    httpx2: str | None = None
    httpxyz: str | None = None
    requirement: str | None = None
    bounded: bool = True
    reason: str | None = None
    passed_over: dict[str, str] = {}


class Catalogue(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A catalogue of all known releases; their files were uploaded before the instant `cutoff` (RFC 3339)."""

    schema: Literal["poolgate/catalogue"]
    version: Literal[1]
    cutoff: str
    packages: dict[str, tuple[Release, ...]]
    pairs: dict[str, dict[str, Pair]]

    def __post_init__(self) -> None:
        if set(self.packages) != set(PACKAGES):
            raise ValueError(f"it should have the packages {', '.join(PACKAGES)}")
        for package, releases in self.packages.items():
            if list(releases) != sorted(releases, key=lambda release: release.parsed):
                raise ValueError(f"the releases of {package} are not in version order")
        for pool in CLIENT_OF:
            if self.pairs.get(pool, {}).keys() != {release.version for release in self.packages[pool]}:
                raise ValueError(f"the pairs of {pool} don't match its releases")

    def releases(self, package: str) -> list[Release]:
        """Return the releases of a package in version order; raises UsageError for an unknown package."""
        if package not in self.packages:
            raise UsageError(f"{package!r} is not in the catalogue; it has {', '.join(PACKAGES)}")
        return list(self.packages[package])

    def known(self, package: str, version: str) -> Release | None:
        """Return one release, or None if it is unknown."""
        releases = self.packages.get(package, ())
        if (named := next((release for release in releases if release.version == version), None)) is not None:
            return named
        try:
            wanted = _parsed(version)
        except InvalidVersion:
            return None
        return next((release for release in releases if release.parsed == wanted), None)

    def find(self, package: str, version: str) -> Release:
        """Return one release; raises UsageError with the nearest releases if it is unknown."""
        known = self.releases(package)
        found = self.known(package, version)
        if found is None:
            raise UsageError(
                f"{package} {version!r} is not in the catalogue; {_nearest(known, version)} (it has final releases "
                f"before {self.cutoff}; `python -m poolgate.maintenance.catalogue.make --cutoff DATE` refreshes it)"
            )
        return found

    def line(self, text: str) -> list[Release]:
        """Return the releases of `LINE[:FROM..TO]`, ascending, ends included; an omitted end is open.

        Raises UsageError if the text is not valid or an end is unknown, NothingSelectedError if no release is left.
        """
        name, colon, span = text.partition(":")
        first, dots, last = span.partition("..")
        if name not in LINES or (colon and not dots):
            raise UsageError(f"{text!r} is not a release line; write LINE or LINE:FROM..TO, LINE of {', '.join(LINES)}")
        found = self.releases(name)
        if first:
            start = self.find(name, first).parsed
            found = [release for release in found if release.parsed >= start]
        if last:
            end = self.find(name, last).parsed
            found = [release for release in found if release.parsed <= end]
        if not found:
            hint = "; write the older one first" if first and last else ""
            raise NothingSelectedError(f"{text} selects no release{hint}")
        return found

    def partner(self, package: str, version: str) -> str | None:
        """Return the version of the client that drives this release of a pool; None if there is none, and for a client.

        Raises UsageError for an unknown release. The `reason` of the pair says why there is none.
        """
        release = self.find(package, version)
        if package not in CLIENT_OF:
            return None
        partner: str | None = getattr(self.pairs[package][release.version], CLIENT_OF[package])
        return partner


@functools.cache
def _parsed(version: str) -> Version:
    """Return a version in a form that can be ordered; raises InvalidVersion."""
    return Version(version)


def _nearest(known: list[Release], version: str) -> str:
    if not known:
        return "it has no release"
    try:
        at = bisect.bisect(known, _parsed(version), key=lambda release: release.parsed)
    except InvalidVersion:
        return f"known are {known[0].version} to {known[-1].version}"
    return "nearest: " + " and ".join(release.version for release in known[max(at - 1, 0) : at + 1])


def decode(data: bytes) -> Catalogue:
    """Decode a catalogue; raises CatalogueError with the reason."""
    try:
        return msgspec.json.decode(data, type=Catalogue)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise CatalogueError(f"the catalogue can't be read: {error}") from None


def read(path: Path) -> Catalogue:
    """Read a catalogue file; raises CatalogueError if it is missing or broken."""
    try:
        return decode(path.read_bytes())
    except OSError as error:
        raise CatalogueError(f"the catalogue can't be read: {path}: {error.strerror}") from None


@functools.cache
def load() -> Catalogue:
    """Return the catalogue that POOLGATE_CATALOGUE names, else the one that ships with the package."""
    return read(Path(os.environ.get(NAMED) or PACKAGED))


def curated() -> list[str]:
    """Return the short matrix: the newest httpx of each generation, the first and newest httpx2, the newest httpxyz.

    An httpx2 without a pool is a placeholder for the name and is not counted.
    """
    eras = {_era(release): release.version for release in load().releases("httpx")}
    forks = [release.version for release in load().releases("httpx2") if release.requirement]
    ends = dict.fromkeys((*forks[:1], *forks[-1:]))
    return [
        *(f"httpx=={version}" for version in eras.values()),
        *(f"httpx2=={version}" for version in ends),
        *(f"httpxyz=={release.version}" for release in load().releases("httpxyz")[-1:]),
    ]


def _era(release: Release) -> object:
    """Return the generation of an httpx: its own pool, the first httpcore, then each minor series since 0.21."""
    if release.requirement is None or release.parsed < Version("0.21"):
        return release.requirement is None
    return release.parsed.release[:2]

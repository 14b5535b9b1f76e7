"""The catalogue: which releases there are, so that a release line is a list and not a search on the network.

It is a file of the package, made by `python -m poolgate.maintenance.catalogue.make` with a recorded cut-off. Reading it
asks no registry: the same poolgate knows the same releases next year.

Schema version 1. `packages` has the final releases of each package in version order; `pairs` names, for each release
of a pool, the client that drives it.
"""

from __future__ import annotations

import bisect
import functools
from pathlib import Path
from typing import Literal

import msgspec
from packaging.version import InvalidVersion, Version

from ..errors import Exit, NothingSelectedError, PoolgateError, UsageError
from .packages import CLIENT_OF, LINES, PACKAGES

SCHEMA = "poolgate/catalogue"
VERSION = 1
PACKAGED = Path(__file__).resolve().with_name("catalogue.json")


class CatalogueError(PoolgateError):
    """The catalogue can't be read or can't be made; what a library says over many lines is put on one."""

    exit_code = Exit.HARNESS

    def __init__(self, text: str) -> None:
        super().__init__(" ".join(text.split()))


class Release(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """One final release of a package.

    `date` is the day (UTC) of its first file; `requirement` is what a client says about its pool, word for word;
    `wheel` tells whether there is one that can be used: in some, left-overs of an earlier build hide a module.
    `code` is equal for two releases of a package exactly if their own code is, apart from the version they state.
    `beside` has the requirements that it forgot to state: without them it can't be imported at all.
    """

    version: str
    date: str
    requires_python: str | None
    requirement: str | None
    wheel: bool
    code: str
    beside: tuple[str, ...] = ()

    @property
    def parsed(self) -> Version:
        """The version as something that can be ordered."""
        return _parsed(self.version)


class Pair(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Who drives a release of a pool: a version under the client's own name, or none and the reason.

    `bounded` is false where the client's `requirement` admits the pool but sets no upper bound. `passed_over` has the
    newer clients whose requirement admits it and that don't work with it, each with what was said when it was tried.
    """

    httpx: str | None = None
    httpx2: str | None = None
    httpxyz: str | None = None
    requirement: str | None = None
    bounded: bool = True
    reason: str | None = None
    passed_over: dict[str, str] = {}


class Catalogue(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """All known releases; `cutoff` is the instant (RFC 3339) before which their files were uploaded."""

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
        """The releases of a package in version order; raises UsageError for a package that is not one of ours."""
        if package not in self.packages:
            raise UsageError(f"{package!r} is not in the catalogue; it has {', '.join(PACKAGES)}")
        return list(self.packages[package])

    def known(self, package: str, version: str) -> Release | None:
        """One release, or None where it is not known."""
        releases = self.packages.get(package, ())
        if (named := next((release for release in releases if release.version == version), None)) is not None:
            return named
        try:
            wanted = _parsed(version)
        except InvalidVersion:
            return None
        return next((release for release in releases if release.parsed == wanted), None)

    def find(self, package: str, version: str) -> Release:
        """One release; raises UsageError that names its nearest neighbours where it is not known."""
        known = self.releases(package)
        found = self.known(package, version)
        if found is None:
            raise UsageError(
                f"{package} {version!r} is not in the catalogue; {_nearest(known, version)} (it has final releases "
                f"before {self.cutoff}; `python -m poolgate.maintenance.catalogue.make --cutoff DATE` refreshes it)"
            )
        return found

    def line(self, text: str) -> list[Release]:
        """The releases that `LINE[:FROM..TO]` names, ascending, ends included; an end that is left out is open.

        Raises UsageError where that can't be read or an end is not known, NothingSelectedError where nothing is left.
        """
        name, colon, span = text.partition(":")
        first, dots, last = span.partition("..")
        if name not in LINES or (colon and not dots):
            raise UsageError(f"{text!r} is no release line; write LINE or LINE:FROM..TO, LINE of {', '.join(LINES)}")
        found = self.releases(name)
        if first:
            start = self.find(name, first).parsed
            found = [release for release in found if release.parsed >= start]
        if last:
            end = self.find(name, last).parsed
            found = [release for release in found if release.parsed <= end]
        if not found:
            told = "; write the older one first" if first and last else ""
            raise NothingSelectedError(f"{text} selects no release{told}")
        return found

    def partner(self, package: str, version: str) -> str | None:
        """The version of the client that drives this release of a pool; None where none does, and for a client.

        Raises UsageError for a release that is not known. Why none does is the `reason` of the pair.
        """
        release = self.find(package, version)
        if package not in CLIENT_OF:
            return None
        partner: str | None = getattr(self.pairs[package][release.version], CLIENT_OF[package])
        return partner


@functools.cache
def _parsed(version: str) -> Version:
    """A version as something that can be ordered; raises InvalidVersion."""
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
    """Read a catalogue's bytes; raises CatalogueError with what is wrong."""
    try:
        return msgspec.json.decode(data, type=Catalogue)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise CatalogueError(f"the catalogue can't be read: {error}") from None


def read(path: Path) -> Catalogue:
    """Read a catalogue; raises CatalogueError where there is none or it is broken."""
    try:
        return decode(path.read_bytes())
    except OSError as error:
        raise CatalogueError(f"the catalogue can't be read: {path}: {error.strerror}") from None


@functools.cache
def load() -> Catalogue:
    """The catalogue that ships with the package."""
    return read(PACKAGED)


def curated() -> list[str]:
    """The short matrix, by rule: the newest httpx of each era, the first and the newest httpx2, the newest httpxyz.

    An httpx2 without a pool is a placeholder that reserved the name and does not count.
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
    """httpx with a pool of its own; with the first httpcore; as of the httpcore of today, each minor series."""
    if release.requirement is None or release.parsed < Version("0.21"):
        return release.requirement is None
    return release.parsed.release[:2]

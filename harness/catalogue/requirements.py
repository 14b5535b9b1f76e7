"""Which releases of a pool a client's stated requirement admits, and which of them a resolver takes."""

from __future__ import annotations

import functools
from collections.abc import Iterator

from packaging.requirements import InvalidRequirement, Requirement
from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.utils import canonicalize_name

from .packages import CLIENT_OF, CLIENTS, POOLS
from .releases import Catalogue, Release, load


def admits(client: Release, pool: str, version: str) -> bool:
    """Return True if a client's requirement is for this pool and admits this version of it.

    Names are compared in their canonical form: httpxyz 0.30 requires httpcore and does not admit httpcorexyz. A
    pre-release counts like a final release, because the version is pinned and an installer takes a pinned pre-release.
    A client without a requirement, or with one that is not valid, admits nothing.
    """
    try:
        requirement = Requirement(client.requirement or "")
    except InvalidRequirement:
        return False
    return canonicalize_name(requirement.name) == pool and requirement.specifier.contains(version, prereleases=True)


@functools.cache
def pool_required(client: str, version: str) -> str | None:
    """Return the package of a client's pool: httpxyz began with that of httpx; None for a pool of the client's own."""
    release = load().known(client, version)
    if release is None:
        return POOLS[CLIENTS.index(client)]
    return str(canonicalize_name(Requirement(release.requirement).name)) if release.requirement else None


def newest_admitted(client: Release, pool: str, releases: list[Release], within: str, python: str) -> Release | None:
    """Return the newest release of a pool that a resolver takes: admitted by the client, `within` and the Python.

    `within` is a specifier, `python` a minor version. Returns None if there is none, and for one that is not valid.
    """
    try:
        allowed = SpecifierSet(within)
    except InvalidSpecifier:
        return None
    fitting = (
        release
        for release in reversed(releases)
        if admits(client, pool, release.version)
        and allowed.contains(release.version)
        and SpecifierSet(release.requires_python or "").contains(f"{python}.99")
    )
    return next(fitting, None)


def installable_pairs(catalogue: Catalogue) -> Iterator[dict[str, str]]:
    """Yield each client with each release of a pool that its requirement admits, by package.

    An httpx with a pool of its own is yielded alone. Another client without a requirement is a placeholder for the
    name.
    """
    for client in CLIENTS:
        for release in catalogue.packages[client]:
            if release.requirement is None and client == CLIENTS[0]:
                yield {client: release.version}
            for pool in CLIENT_OF:
                for other in catalogue.packages[pool]:
                    if admits(release, pool, other.version):
                        yield {client: release.version, pool: other.version}

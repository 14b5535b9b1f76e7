"""Which releases of a pool a client's stated requirement admits."""

from __future__ import annotations

from collections.abc import Iterator

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

from .packages import CLIENT_OF, CLIENTS
from .releases import Catalogue, Release


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

"""Which releases of a pool a client's stated requirement admits."""

from __future__ import annotations

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

from .releases import Release


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

"""The nearest stack without a defect: newer in the same family first, then a fork. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from packaging.version import Version

from ...catalogue.packages import CLIENTS, pool_of
from ...ledger.stack import Stack
from .package_set import PackageSet, parsed, spec_of

FORKS = CLIENTS[1:]
"""Clients to suggest when a family has no release without the defect."""


def nearest(asked: PackageSet, client: str, stack: Stack, clean: list[Stack]) -> str | None:
    """Return the nearest clean SPEC: newer on the line, then newer in the family, then the newest of a fork."""
    wanted = (*_on_line(asked, clean), *_in_family(client, stack, clean), *_in_forks(client, clean))
    return next(iter(wanted), None)


def _on_line(asked: PackageSet, clean: list[Stack]) -> list[str]:
    if asked.release is None:
        return []
    line, release = asked.release
    newer = [version for version in _releases(line, clean) if version > parsed(release)]
    return [f"{line}=={version}" for version in sorted(newer)]


def _in_family(client: str, stack: Stack, clean: list[Stack]) -> Iterator[str]:
    """Yield newer pairs of the family: those that change the fewest packages first, the smallest steps first."""
    current = pool_of(stack.packages, client)
    candidates = [pool_of(other.packages, client) for other in clean if client in other.packages]
    newer = [other for other in candidates if _is_newer(current, other)]

    def distance(other: dict[str, str]) -> tuple[int, list[Version]]:
        changed = [name for name in other if other[name] != current.get(name)]
        return len(changed), [parsed(version) for version in reversed(other.values())]

    return (spec_of(other) for other in sorted(newer, key=distance))


def _is_newer(current: dict[str, str], other: dict[str, str]) -> bool:
    return other != current and all(
        parsed(version) >= parsed(current.get(name, "0")) for name, version in other.items()
    )


def _in_forks(client: str, clean: list[Stack]) -> list[str]:
    """Return the newest clean release of each fork: version numbers of different projects cannot be compared."""
    newest = ((fork, max(_releases(fork, clean), default=None)) for fork in FORKS if fork != client)
    return [f"{fork}=={version}" for fork, version in newest if version is not None]


def _releases(line: str, stacks: Iterable[Stack]) -> set[Version]:
    named = (release.partition("==") for stack in stacks for release in stack.releases)
    return {Version(version) for package, _, version in named if package == line}

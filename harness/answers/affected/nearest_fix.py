"""Where a defect is gone: the nearest stack without it, newer in the family first, then a fork. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from packaging.version import Version

from ...catalogue.packages import CLIENTS
from ...ledger.stack import Stack
from .package_set import Subject, parsed, pool_of, spec_of

FORKS = CLIENTS[1:]
"""Where to go when the own family has no release without a defect."""


def nearest(subject: Subject, client: str, stack: Stack, clean: list[Stack]) -> str | None:
    """The nearest without it: newer on the line that was asked for, then newer in the family, then a fork's newest."""
    wanted = (*_on_line(subject, clean), *_in_family(client, stack, clean), *_in_forks(client, clean))
    return next(iter(wanted), None)


def _on_line(subject: Subject, clean: list[Stack]) -> list[str]:
    if subject.release is None:
        return []
    line, release = subject.release
    newer = [version for version in _releases(line, clean) if version > parsed(release)]
    return [f"{line}=={version}" for version in sorted(newer)]


def _in_family(client: str, stack: Stack, clean: list[Stack]) -> Iterator[str]:
    """As few packages moved as can be, and these as little as can be."""
    ours = pool_of(stack.packages, client)
    candidates = [pool_of(other.packages, client) for other in clean if client in other.packages]
    newer = [other for other in candidates if _is_newer(ours, other)]

    def moved(other: dict[str, str]) -> tuple[int, list[Version]]:
        changed = [name for name in other if other[name] != ours.get(name)]
        return len(changed), [parsed(version) for version in reversed(other.values())]

    return (spec_of(other) for other in sorted(newer, key=moved))


def _is_newer(ours: dict[str, str], other: dict[str, str]) -> bool:
    return other != ours and all(parsed(version) >= parsed(ours.get(name, "0")) for name, version in other.items())


def _in_forks(client: str, clean: list[Stack]) -> list[str]:
    """Version numbers of forks are not comparable with ours: the newest that passes."""
    newest = ((fork, max(_releases(fork, clean), default=None)) for fork in FORKS if fork != client)
    return [f"{fork}=={version}" for fork, version in newest if version is not None]


def _releases(line: str, stacks: Iterable[Stack]) -> set[Version]:
    named = (release.partition("==") for stack in stacks for release in stack.releases)
    return {Version(version) for package, _, version in named if package == line}

"""Where to go: the one target that is best for all findings of a client together, and the smallest step. Pure.

Candidates are the pairs of client and pool that were measured on at least every failing cell of the subject: newer
pairs of its own family, and any pair of another family. A candidate clears the failing cells that it passes; it adds
the cells that the subject passes and the candidate does not, among those that were measured on both.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import msgspec
from packaging.version import Version

from ...catalogue.packages import CLIENT_OF, CLIENTS, pool_of
from ...ledger.stack import Entry
from ..destination import greatest_gain
from .evidence import LedgerIndex, Pool, fails
from .package_set import PackageSet, parsed, spec_of

Pins = dict[str, str]

FAMILY = {**dict(zip(CLIENTS, CLIENTS, strict=True)), **CLIENT_OF}
"""The client that names the family of a client or pool."""


class Destination(msgspec.Struct, frozen=True, kw_only=True):
    """A target that clears findings: it clears `clears` of `of`, and adds `adds` that the subject does not have.

    `pins` maps each package that changes to its versions before and after; None where it is absent.
    """

    target: str
    clears: int
    of: int
    adds: int
    pins: dict[str, list[str | None]]

    @property
    def gain(self) -> int:
        """Return how many findings fewer the target has."""
        return self.clears - self.adds


def ranked(asked: PackageSet, client: str, subject: Mapping[str, Entry], index: LedgerIndex) -> list[Destination]:
    """Return every candidate for a client of a set, the best first.

    `subject` has its judged verdicts by name. Equal gains are ordered by what they add, then by the number of changed
    pins, then the newest first.
    """
    found = list(_candidates(asked, client, subject, index))
    found.sort(key=lambda each: _numbers(each.pins), reverse=True)
    return sorted(found, key=_rank)


def _candidates(
    asked: PackageSet, client: str, subject: Mapping[str, Entry], index: LedgerIndex
) -> Iterator[Destination]:
    failing = {name for name, entry in subject.items() if fails(entry)}
    passing = {name for name, entry in subject.items() if entry.passes}
    current = pool_of(asked.packages, client)
    for pool, verdicts in index.verdicts.items():
        pins = _pins(client, pool, index.releases[pool])
        if pins and failing <= verdicts.keys() and _reachable(client, current, pins):
            yield Destination(
                target=_spec(asked, pins, index.releases[pool]),
                clears=sum(verdicts[name].passes for name in failing),
                of=len(failing),
                adds=sum(fails(verdicts[name]) for name in passing & verdicts.keys()),
                pins=_changed(current, pins),
            )


def _pins(client: str, pool: Pool, releases: set[str]) -> Pins:
    """Return the pins of a candidate; for a pool without a client its own release alone, if it was measured as one."""
    pins = dict(pool)
    if client in CLIENTS or client not in pins:
        return pins
    return {client: pins[client]} if f"{client}=={pins[client]}" in releases else {}


def _changed(current: Pins, pins: Pins) -> dict[str, list[str | None]]:
    names = dict.fromkeys((*current, *pins))
    return {name: [current.get(name), pins.get(name)] for name in names if current.get(name) != pins.get(name)}


def _spec(asked: PackageSet, pins: Pins, releases: set[str]) -> str:
    """Return a pair as one release: of the subject's own line, or of another family's client; else as its pins."""
    lines = [asked.release[0]] if asked.release else []
    lines += [name for name in pins if name in CLIENTS and name not in asked.packages]
    named = (f"{line}=={pins[line]}" for line in lines if line in pins)
    return next((spec for spec in named if spec in releases), spec_of(pins))


def best_of(ranked: list[Destination]) -> Destination | None:
    """Return the best candidate; None where no candidate clears more than it adds."""
    return greatest_gain(ranked)


def smallest_step(ranked: list[Destination], client: str) -> Destination | None:
    """Return the smallest step with the greatest gain within the client's family: fewest pins, then lowest versions."""
    return greatest_gain(sorted((each for each in ranked if _inside(each, client)), key=_step))


def _inside(destination: Destination, client: str) -> bool:
    return all(after is not None and FAMILY[name] == FAMILY[client] for name, (_, after) in destination.pins.items())


def _step(destination: Destination) -> tuple[int, list[Version]]:
    after = [parsed(version) for _, version in destination.pins.values() if version is not None]
    return len(destination.pins), after


def _rank(destination: Destination) -> tuple[int, int, int]:
    return -destination.gain, destination.adds, len(destination.pins)


def _numbers(pins: dict[str, list[str | None]]) -> list[Version]:
    return [parsed(after) for _, after in pins.values() if after is not None]


def _reachable(client: str, current: Pins, pins: Pins) -> bool:
    """Return True for another family, and for a newer pair of the same one."""
    if client not in pins:
        return True
    return pins != current and all(parsed(version) >= parsed(current.get(name, "0")) for name, version in pins.items())

"""The smallest change of pins that could clear a finding. Pure: candidates in the order in which they are tried.

First the pool alone: that is where slots are lost, and people upgrade the client where the pool was meant. Then the
client alone, then both.
"""

from __future__ import annotations

from collections.abc import Iterator

from ...catalogue.packages import CLIENTS, COMPANIONS, POOLS
from ...catalogue.releases import Catalogue, Release
from ...catalogue.requirements import admits

Pins = dict[str, str]


def candidates(packages: Pins, catalogue: Catalogue) -> Iterator[Pins]:
    """Pins of client and pool, newer than these, the nearest first; only pairs that the client's requirement admits."""
    client = next(name for name in CLIENTS if name in packages)
    pool = POOLS[CLIENTS.index(client)]
    if pool not in packages:
        yield from ({client: newer.version} for newer in _newer(catalogue, client, packages))
        return
    stays = catalogue.known(client, packages[client])
    newer_pools = _newer(catalogue, pool, packages)
    newer_clients = _newer(catalogue, client, packages)
    if stays is not None:
        yield from (_pair(client, stays, pool, newer) for newer in newer_pools if admits(stays, pool, newer.version))
    current = catalogue.known(pool, packages[pool])
    if current is not None:
        admitting = (newer for newer in newer_clients if admits(newer, pool, current.version))
        yield from (_pair(client, newer, pool, current) for newer in admitting)
    for newer in newer_clients:
        admitted = (other for other in newer_pools if admits(newer, pool, other.version))
        yield from (_pair(client, newer, pool, other) for other in admitted)


def with_companions(pins: Pins, packages: Pins) -> Pins:
    """Return candidate pins with the pins of the other packages that matter to a pool, unchanged."""
    return {**pins, **{name: packages[name] for name in COMPANIONS if name in packages}}


def _newer(catalogue: Catalogue, package: str, packages: Pins) -> list[Release]:
    known = catalogue.known(package, packages[package])
    return [release for release in catalogue.releases(package) if known and release.parsed > known.parsed]


def _pair(client: str, release: Release, pool: str, beside: Release) -> Pins:
    return {client: release.version, pool: beside.version}

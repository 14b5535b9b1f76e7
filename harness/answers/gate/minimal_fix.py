"""The smallest change of pins that could clear a finding. Pure: yields candidates in the order of trial.

The order is: the pool alone (slots are lost there, even if an advisory names the client), the client alone, both.
"""

from __future__ import annotations

from collections.abc import Iterator

from ...catalogue.packages import CLIENTS, COMPANIONS, POOLS
from ...catalogue.releases import Catalogue, Release
from ...catalogue.requirements import admits

Pins = dict[str, str]


def candidates(packages: Pins, catalogue: Catalogue) -> Iterator[Pins]:
    """Yield newer pins of client and pool, the nearest first; only pairs that the client's requirement admits."""
    client = next(name for name in CLIENTS if name in packages)
    pool = POOLS[CLIENTS.index(client)]
    if pool not in packages:
        yield from ({client: newer.version} for newer in _newer(catalogue, client, packages))
        return
    client_release = catalogue.known(client, packages[client])
    newer_pools = _newer(catalogue, pool, packages)
    newer_clients = _newer(catalogue, client, packages)
    if client_release is not None:
        pools = (newer for newer in newer_pools if admits(client_release, pool, newer.version))
        yield from (_pair(client, client_release, pool, newer) for newer in pools)
    pool_release = catalogue.known(pool, packages[pool])
    if pool_release is not None:
        clients = (newer for newer in newer_clients if admits(newer, pool, pool_release.version))
        yield from (_pair(client, newer, pool, pool_release) for newer in clients)
    for newer in newer_clients:
        admitted = (other for other in newer_pools if admits(newer, pool, other.version))
        yield from (_pair(client, newer, pool, other) for other in admitted)


def spec_with(pins: Pins, packages: Pins, *, companions: bool) -> str:
    """Return candidate pins as a SPEC; with `companions`, other packages that matter to a pool keep their versions."""
    others = {name: packages[name] for name in COMPANIONS if name in packages} if companions else {}
    return ",".join(f"{name}=={version}" for name, version in {**pins, **others}.items())


def _newer(catalogue: Catalogue, package: str, packages: Pins) -> list[Release]:
    known = catalogue.known(package, packages[package])
    return [release for release in catalogue.releases(package) if known and release.parsed > known.parsed]


def _pair(client: str, release: Release, pool: str, pool_release: Release) -> Pins:
    return {client: release.version, pool: pool_release.version}

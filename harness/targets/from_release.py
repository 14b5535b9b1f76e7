"""Releases as targets: a client, a pair of client and pool, a pool with the client that drives it, or a bare pool."""

from __future__ import annotations

from collections.abc import Mapping

from packaging.specifiers import SpecifierSet

from ..catalogue.packages import CLIENT_OF, CLIENTS, COMPANIONS, POOLS
from ..catalogue.releases import Catalogue, load
from ..catalogue.requirements import pool_required
from ..errors import UsageError
from .not_a_target import meant
from .spec import BARE, EXAMPLE, FLAGS, flags_of, in_era, pins_in, text_of
from .target import Target

PYTHONS = ("3.11", "3.12", "3.13", "3.10", "3.9", "3.8", "3.7", "3.6")
"""The Pythons for a target that names none, best first."""


def released(spec: str) -> Target:
    """Return the target of a spec that names releases; raises UsageError with the reason."""
    text, _, python = spec.partition("?")[0].partition("@")
    pins = pins_in(text)
    if not pins or len(dict(pins)) != len(pins) or not set(flags_of(spec)) <= FLAGS:
        raise UsageError(f"{spec!r} is not a target; {meant(spec)}")
    return _target(spec, pins, python, bare=BARE[1:] in flags_of(spec))


def of_pins(pins: Mapping[str, str], python: str | None = None, *, bare: bool = False, era: bool = False) -> Target:
    """Return the target of releases by package, on a minor version of Python or the one that suits them.

    `era` is `--deps era`. The result is the target that `parse` returns for its `spec`. Raises UsageError like `parse`.
    """
    spec = text_of(pins, python, bare=bare)
    return _target(in_era(spec) if era else spec, list(pins.items()), python or "", bare=bare)


def _target(spec: str, pins: list[tuple[str, str]], python: str, *, bare: bool) -> Target:
    catalogue = load()
    known = {name: catalogue.find(name, version) for name, version in pins if name not in COMPANIONS or len(pins) == 1}
    allowed = [release.requires_python or "" for release in known.values()]
    # A version may be written in several ways, such as 2.3 and 2.3.0; the verdicts have the one of the catalogue.
    spelled = [(name, known[name].version if name in known else version) for name, version in pins]
    complete = tuple(_bare(spec, spelled) if bare else with_client(catalogue, spelled))
    return Target(spec=spec, pins=complete, pythons=pythons_for(spec, python, allowed))


def _bare(spec: str, pins: list[tuple[str, str]]) -> list[tuple[str, str]]:
    names = [name for name, _ in pins if name in (*CLIENTS, *POOLS)]
    if len(names) != 1 or names[0] not in POOLS:
        raise UsageError(
            f"{spec}: a bare pool is tested without a client; name one of {', '.join(POOLS)}, as in {EXAMPLE}"
        )
    return pins


def with_client(catalogue: Catalogue, pins: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """Return the pins, with the client that drives a pool where the pins name none and the catalogue has one."""
    clients = {name: version for name, version in pins if name in CLIENTS}
    driven = {*(pool for pool in POOLS if CLIENT_OF[pool] in clients), *map(pool_required, clients, clients.values())}
    lonely = [(name, version) for name, version in pins if name in POOLS and name not in driven]
    partners = [(CLIENT_OF[name], catalogue.partner(name, version)) for name, version in lonely]
    return sorted(pins + [(name, version) for name, version in partners if version is not None])


def pythons_for(spec: str, asked: str, requires: list[str]) -> tuple[str, ...]:
    """Return the minor versions of Python that all of `requires` allow, best first, or the requested one."""
    if asked and asked not in PYTHONS:
        known = sorted(PYTHONS, key=lambda python: int(python.partition(".")[2]))
        raise UsageError(f"{spec}: {asked!r} is not a Python that poolgate supports; choose one of {', '.join(known)}")
    if asked:
        return (asked,)
    allowed = SpecifierSet(",".join(filter(None, requires)))
    # Only the minor version is known before an interpreter is found; none of these releases excludes a patch level.
    return tuple(python for python in PYTHONS if allowed.contains(f"{python}.99"))

"""The client that drives a release of a pool, by the requirements of the clients."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from packaging.requirements import Requirement

from ..packages import CLIENT_OF
from ..releases import Release
from ..requirements import admits

PairRow = dict[str, str | bool | dict[str, str] | None]

UNBOUNDED = ("httpcorexyz",)
"""Pools whose client no longer sets upper bounds, so that a lower bound is enough for a pair."""


def pair(pool: str, version: str, clients: Iterable[Release], passed_over: Mapping[str, str]) -> PairRow:
    """Return the newest client, of `clients` oldest first, that requires this release of a pool within bounds.

    A client without an upper bound was never tested with most pools that it admits: it counts for `UNBOUNDED` only.
    `passed_over` has the clients that were tried and don't work with the pool, each with the reason.
    """
    tried = [release for release in clients if release.version not in passed_over]
    return {**_newest(pool, version, tried), **({"passed_over": {**passed_over}} if passed_over else {})}


def _newest(pool: str, version: str, clients: Iterable[Release]) -> PairRow:
    name = CLIENT_OF[pool]
    admit = [release for release in reversed([*clients]) if admits(release, pool, version)]
    for release in admit:
        if _is_bounded(release):
            return {name: release.version, "requirement": release.requirement}
    if not admit:
        return {name: None, "reason": f"no {name} release admits it"}
    if pool in UNBOUNDED:
        return {name: admit[0].version, "requirement": admit[0].requirement, "bounded": False}
    texts = ", ".join(f"{release.version} ({release.requirement})" for release in admit)
    return {name: None, "reason": f"no {name} release admits it within bounds, only without: {texts}"}


def _is_bounded(client: Release) -> bool:
    specifiers = Requirement(client.requirement or "").specifier
    return any(specifier.operator in ("==", "===", "~=", "<", "<=") for specifier in specifiers)

"""What the ledger of poolgate says of the release of a pool: whether it loses slots like this, and where to go.

`ledger.json` is written by `python -m poolgate.maintenance.watch_ledger` from measured verdicts; it is read when the
first sentence is asked for.
"""

from __future__ import annotations

import functools
import json
import pkgutil
import sys
from collections.abc import Iterator, Sequence
from typing import Any, Dict, NamedTuple

Row = Dict[str, Any]
"""The measured findings of a release: `groups` has, by trigger, the judged variants, the effect and a clean SPEC."""


class Measured(NamedTuple):
    """What is measured of a release; `client` is set if it is the one that drove the pool, and is not known here."""

    pool: str
    client: str
    row: Row


_LOSES = "lose their slot for good"
_CAUSES: dict[str, tuple[str, ...]] = {
    "cancelled": ("cancellation",),
    "timed out": ("cancellation", "threads"),
    "failed": ("closing", "threads"),
    "abandoned": ("closing",),
    "closed": ("closing", "threads"),
    "unknown": (),
}
"""The triggers that explain a lost slot, by how its request ended."""


def sentence_of(family: str, versions: dict[str, str], verdict: str, lost: Sequence[tuple[str, str]]) -> str:
    """Return what the ledger says of the release of a pool, as far as it concerns its state.

    `lost` has the kind of each lost slot, and what its request ended with.
    """
    measured = _measured(family, versions)
    if measured is None:
        return f"not measured: {_named(versions) or family}"
    return _about(verdict, lost, measured) + (f" (measured with {measured.client})" if measured.client else "")


def _about(verdict: str, lost: Sequence[tuple[str, str]], measured: Measured) -> str:
    if verdict == "held-by-caller":
        return _held(measured)
    if lost:
        return _causes(_groups(lost), measured)
    if verdict in ("back-pressure", "dead"):
        return _causes(("queue",), measured)
    return _summary(measured)


def _measured(family: str, versions: dict[str, str]) -> Measured | None:
    """Return what is measured of a pair, else of its pool with another client."""
    ledger = _ledger()
    pool = f"{family} {versions.get(family)}"
    pair = ledger["pairs"].get(_named(versions, ", "))
    if pair is not None:
        return Measured(pool, "", ledger["rows"][pair])
    alone = ledger["pools"].get(pool)
    return Measured(pool, alone["client"], ledger["rows"][alone["row"]]) if alone is not None else None


@functools.lru_cache(maxsize=None)
def _ledger() -> dict[str, Any]:
    content = pkgutil.get_data(__package__, "ledger.json")
    assert content is not None
    read: dict[str, Any] = json.loads(content)
    return read


def _named(versions: dict[str, str], between: str = " with ") -> str:
    return between.join(f"{name} {version}" for name, version in versions.items())


def _held(measured: Measured) -> str:
    passes = measured.row.get("held")
    requirement = _ledger()["held"].rstrip(".").lower()
    if passes is None:
        return f"not measured in {measured.pool}: {requirement}"
    if passes:
        return f"{measured.pool} is not the cause: {requirement}"
    return f"{measured.pool} fails a requirement: {requirement}"


def _groups(lost: Sequence[tuple[str, str]]) -> tuple[str, ...]:
    """Return the triggers that explain the lost slots, the likeliest first."""
    if all(kind == "stream" for kind, _ in lost):
        return ("http2",)
    return tuple(dict.fromkeys(group for _, what in lost for group in _CAUSES[what]))


def _causes(groups: tuple[str, ...], measured: Measured) -> str:
    """Return the first finding of some triggers that the release has, else that none is known, and its others."""
    found = measured.row["groups"]
    judged = [group for group in groups if group in found]
    for group in judged:
        if found[group][1] is not None:
            return _finding(group, measured)
    if not judged:
        return _summary(measured)
    others = [_subject(group) for group in _losing(measured)] if judged != ["queue"] else []
    more = f"; slots are lost there by {', '.join(others)}" if others else ""
    return f"{_none(judged[0], measured)}{more}"


def _none(group: str, measured: Measured) -> str:
    """Return that a trigger has no finding."""
    what = "no finding" if group == "queue" else "no lost slot"
    number = measured.row["groups"][group][0]
    return f"{what} of {_subject(group)} is known in {measured.pool} ({number} scenario variants measured)"


def _finding(group: str, measured: Measured) -> str:
    _, effect, clean = measured.row["groups"][group]
    where = f"not in {_spelled(clean)}" if clean else "no release is known to be free of it"
    return f"{_subject(group)} {effect} in {measured.pool}; {where}"


def _spelled(spec: str) -> str:
    return spec.replace("==", " ").replace(",", " with ")


def _subject(group: str) -> str:
    return str(_ledger()["subjects"][group])


def _summary(measured: Measured) -> str:
    """Return the first finding about slots, in the order of a report; else that there is none."""
    for group in _losing(measured):
        return _finding(group, measured)
    number = sum(judged for judged, _, _ in measured.row["groups"].values())
    return f"no lost slot is known in {measured.pool} ({number} scenario variants measured)"


def _losing(measured: Measured) -> Iterator[str]:
    """Yield each trigger that loses slots and that this process can meet with the packages that it has imported."""
    needs = _ledger()["needs"]
    for group, (_, effect, _clean) in measured.row["groups"].items():
        if effect is not None and effect.endswith(_LOSES) and needs.get(group, "sys") in sys.modules:
            yield group

"""Accepted deviations: what is known to be worse and taken all the same, for a reason and for a time.

A small TOML file, each entry with all of its fields:

    [[accept]]
    scenario = "queue-timeout"
    target = "httpcore==1.0.2"
    link = "https://..."
    reason = "we never wait for a slot"
    expires = 2030-01-31
"""

from __future__ import annotations

import tomllib
from datetime import date
from pathlib import Path
from typing import Any

import msgspec

from ...cells.cell import variant_name
from ...cells.select import select
from ...errors import PoolgateError, UsageError
from ...paths import read_at_most
from ...targets.spec import pins_in

MOST = 4 * 1024 * 1024
"""Bytes that a file of deviations may have."""

DEFAULT = ".poolgate-accept.toml"


class Deviation(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One accepted deviation: a scenario (globs and variants as everywhere) on a head that has these pins.

    `expires` is the last day on which it counts.
    """

    scenario: str
    target: str
    link: str
    reason: str
    expires: date

    @property
    def scenarios(self) -> set[str]:
        """The names of all scenario variants that it is about."""
        return {variant_name(scenario.id, variant) for scenario, variant in select([self.scenario])}

    def is_about(self, scenario: str, packages: dict[str, str]) -> bool:
        """Whether it covers a scenario variant on these packages."""
        pins = pins_in(self.target)
        return scenario in self.scenarios and all(packages.get(name) == version for name, version in pins)


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    accept: list[Deviation] = []


def load_deviations(path: Path) -> list[Deviation]:
    """Read a file; raises UsageError with what is wrong in it."""
    try:
        found = msgspec.convert(_document(path), _File).accept
    except msgspec.ValidationError as error:
        raise UsageError(f"{path}: {error}; each [[accept]] has scenario, target, link, reason, expires") from None
    for deviation in found:
        _check(path, deviation)
    return found


def _document(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(read_at_most(path, MOST).decode())
    except OSError as error:
        raise UsageError(f"{path} can't be read: {error.strerror}") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as error:
        raise UsageError(f"{path} can't be read as TOML: {error}") from None


def _check(path: Path, deviation: Deviation) -> None:
    if not pins_in(deviation.target):
        raise UsageError(f"{path}: target {deviation.target!r} is no pin; write httpcore==1.0.2")
    if not deviation.reason.strip() or not deviation.link.strip():
        raise UsageError(f"{path}: {deviation.scenario} is accepted without a reason or a link; say both")
    try:
        _ = deviation.scenarios
    except PoolgateError as error:
        raise UsageError(f"{path}: {error}") from None

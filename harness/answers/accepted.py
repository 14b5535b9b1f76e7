"""Accepted deviations: regressions that a project accepts, each with a reason and an expiry date.

The file is TOML; each entry has all of these fields:

    [[accept]]
    scenario = "queue-timeout"
    target = "httpcore==1.0.2"
    link = "https://..."
    reason = "we never wait for a slot"
    expires = 2030-01-31
"""

from __future__ import annotations

import functools
import tomllib
from datetime import date
from pathlib import Path
from typing import Any

import msgspec
from packaging.version import InvalidVersion, Version

from ..cells.cell import variant_name
from ..cells.select import select
from ..errors import PoolgateError, UsageError
from ..paths import read_at_most
from ..targets.spec import pins_in

MOST = 4 * 1024 * 1024
"""The size limit of the file, in bytes."""

DEFAULT = ".poolgate-accept.toml"


class Deviation(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An accepted deviation: a scenario (globs and variants as on the command line) on a head with these pins.

    `expires` is the last day on which it counts.
    """

    scenario: str
    target: str
    link: str
    reason: str
    expires: date

    @property
    def scenarios(self) -> frozenset[str]:
        """Return the names of all scenario variants that this deviation covers."""
        return _names(self.scenario)

    def covers(self, scenario: str, packages: dict[str, str]) -> bool:
        """Return whether this deviation covers a scenario variant with these packages."""
        pins = pins_in(self.target)
        return scenario in self.scenarios and all(_same(packages.get(name), version) for name, version in pins)


@functools.cache
def _names(scenario: str) -> frozenset[str]:
    return frozenset(variant_name(each.id, variant) for each, variant in select([scenario]))


def _same(version: str | None, other: str) -> bool:
    """Return whether two versions are the same, however they are written."""
    try:
        return version is not None and (version == other or Version(version) == Version(other))
    except InvalidVersion:
        return False


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    accept: list[Deviation] = []


def deviations_of(path: str | None) -> list[Deviation]:
    """Return the deviations of a named file, else those of the usual file where there is one; raises UsageError."""
    if path is not None:
        return load_deviations(Path(path))
    return load_deviations(Path(DEFAULT)) if Path(DEFAULT).is_file() else []


def load_deviations(path: Path) -> list[Deviation]:
    """Read a file of deviations; raises UsageError that names the fault."""
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
        raise UsageError(f"{path}: target {deviation.target!r} is not a pin; write httpcore==1.0.2")
    if not deviation.reason.strip() or not deviation.link.strip():
        raise UsageError(f"{path}: {deviation.scenario} is accepted without a reason or a link; add both")
    try:
        _ = deviation.scenarios
    except PoolgateError as error:
        raise UsageError(f"{path}: {error}") from None

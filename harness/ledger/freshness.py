"""How far a stored verdict is what this release would measure: `same`, `qualified` or `stale`.

A verdict is `same` where every part of the instrument that its cell uses is as it was. Where a part has changed, a
recorded requalification may cover the change: `qualified`. Everything else is `stale`, and never counts as a pass.
"""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import msgspec

from ..errors import PoolgateError
from ..scenarios import declared
from ..scenarios.declaration.scenario import Variant
from ..verdict.words import Freshness
from .instruments import SHIPPED, Parts, committed, installed_libraries, load_instruments, name_of
from .parts import adapter_of, parts_of
from .shipped_states import REQUALIFICATIONS, State, cell_key, load_states

UNRECORDED = "measured by an instrument that is not recorded"
UNKNOWN_SCENARIO = "its scenario or its variant does not exist in this release"
MEASURED_ANEW = ("rule:", "scenario:", "library:")
"""The parts whose changes no requalification covers: they change verdicts on purpose."""


class Change(msgspec.Struct, frozen=True, kw_only=True, rename={"before": "from", "after": "to"}):
    """A changed part: the values that stored verdicts were measured with, and the new one."""

    before: list[str]
    after: str


class Sentinel(msgspec.Struct, frozen=True, kw_only=True):
    """A stored verdict that was measured again: `stored` is its key, `measured` counts the keys of the new runs."""

    scenario: str
    variant: dict[str, str]
    target: str
    stored: str
    measured: dict[str, int]
    reason: str | None = None

    @property
    def judged(self) -> bool:
        """Whether the new runs were judged."""
        return bool(self.measured)

    @property
    def agrees(self) -> bool:
        """Whether every new run has the stored key."""
        return self.judged and set(self.measured) == {self.stored}


class PartCheck(msgspec.Struct, frozen=True, kw_only=True):
    """A check of a changed part by a load on a target; `trouble` says what is wrong with the part, None for nothing."""

    part: str
    target: str | None
    trouble: str | None


class Requalification(msgspec.Struct, frozen=True, kw_only=True):
    """The proof that changed parts leave verdicts as they are.

    It covers the scenarios under `qualified`. For those under `refused` a sentinel disagreed with its stored verdict,
    none could be judged, or a check found a trouble: their cells are stale.
    """

    schema: Literal["poolgate/requalification"] = "poolgate/requalification"
    version: Literal[1] = 1
    why: str
    command: str
    parts: dict[str, Change]
    checks: list[PartCheck] = []
    sentinels: list[Sentinel]
    qualified: list[str]
    refused: dict[str, str]

    def covers(self, scenario: str, part: str, before: str, after: str) -> bool:
        """Return True where this proves that a part's change leaves a scenario's verdicts as they are."""
        change = self.parts.get(part)
        known = change is not None and before in change.before and after == change.after
        return known and scenario in self.qualified and not part.startswith(MEASURED_ANEW)


__all__ = ["REQUALIFICATIONS", "State"]

SAME = State(freshness=Freshness.SAME)


def load_requalifications(folder: Path = REQUALIFICATIONS) -> list[Requalification]:
    """Read every recorded requalification, oldest first; raises PoolgateError with the file's name."""
    return [_load(path) for path in sorted(folder.glob("*.json"))]


def _load(path: Path) -> Requalification:
    try:
        return msgspec.json.decode(path.read_bytes(), type=Requalification)
    except (OSError, msgspec.DecodeError) as error:
        raise PoolgateError(f"{path} is not a requalification ({error}): restore it") from None


class Judge:
    """Judges the freshness of the verdicts of one ledger; reads what it needs once.

    They are compared with the committed instrument, or with `current` parts. Libraries of the server that are installed
    here count only for what was measured here, not for what ships. States that are `worked_out` already are taken.
    """

    def __init__(self, root: Path, current: Parts | None = None, *, worked_out: bool = True) -> None:
        self._release = committed()
        self._own = None if root.resolve() == SHIPPED else load_instruments(root)
        self._current = current or {**self._release.parts, **(installed_libraries() if self._own else {})}
        self._name = name_of(self._current)
        self._known = load_states(self._name) if worked_out else {}
        self._requalifications: list[Requalification] | None = None

    def state(self, instrument: str, scenario: str, variant: Variant, packages: dict[str, str]) -> State:
        """Return the state of a verdict that this instrument measured."""
        if instrument == self._name:
            return SAME
        key = (instrument, cell_key(scenario, variant, adapter_of(packages)))
        if key not in self._known:
            self._known[key] = self._compared(instrument, scenario, variant, packages)
        return self._known[key]

    def _compared(self, instrument: str, scenario: str, variant: Variant, packages: dict[str, str]) -> State:
        measured = self._parts(instrument)
        if measured is None:
            return State(freshness=Freshness.STALE, why=UNRECORDED)
        try:
            names = parts_of(declared()[scenario], variant, packages)
        except (KeyError, ValueError):
            return State(freshness=Freshness.STALE, why=UNKNOWN_SCENARIO)
        current = self._current
        changed = tuple(sorted(name for name in names if measured.get(name) != current.get(name)))
        if not changed:
            return SAME
        if all(self._covered(scenario, part, measured.get(part, ""), current.get(part, "")) for part in changed):
            return State(freshness=Freshness.QUALIFIED, parts=changed, why=f"requalified: {', '.join(changed)}")
        return State(freshness=Freshness.STALE, parts=changed, why=f"measured with another {', '.join(changed)}")

    def _parts(self, instrument: str) -> Parts | None:
        own = self._own.instruments if self._own else {}
        return own.get(instrument) or self._release.instruments.get(instrument)

    def _covered(self, scenario: str, part: str, before: str, after: str) -> bool:
        if self._requalifications is None:
            self._requalifications = load_requalifications()
        return any(known.covers(scenario, part, before, after) for known in self._requalifications)

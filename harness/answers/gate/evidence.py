"""Stored verdicts of both ledgers about one side of a gate.

A stored verdict counts if its stack is the same in all that matters to the scenario: the Python, client and pool, and
those of their companions that the scenario uses. The name of the backend, which sniffio returns, matters only on trio:
on asyncio a stack without sniffio behaves like one with it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property

import msgspec

from ...catalogue.packages import BROUGHT, COMPANIONS, PACKAGES, RELEVANT, matters
from ...cells.cell import Cell
from ...cells.commands import replay
from ...cells.select import undeclared
from ...ledger.chance import Chance, chance_in
from ...ledger.merged import merged
from ...ledger.stack import Entry, Stack
from ...scenarios import declared
from ...scenarios.declaration.scenario import Scenario, Variant
from ...targets.target import Target, minor
from ...verdict.outcome import CellResult
from ...verdict.rate import ENOUGH_BLOCKS
from ...verdict.words import Freshness, Status

_OPTIONAL = frozenset(name for names in BROUGHT.values() for name in names)
_UNMEASURED = frozenset({Status.UNKNOWN, Status.UNINSTALLABLE})


@dataclass(frozen=True)
class Subject:
    """One client of a side: its target, and the packages that are known, narrowed to its family.

    `complete` means that these are all: a lock or an environment, and not the pins of a release.
    """

    target: Target
    packages: dict[str, str]
    complete: bool
    python: str | None

    @property
    def pins(self) -> dict[str, str]:
        """Return the packages whose versions have to be the same."""
        return self.packages if self.complete else dict(self.target.pins)

    def lacks(self, needs: Iterable[str]) -> list[str]:
        """Return the optional packages of a scenario that the side is known not to have."""
        return [name for name in needs if self.complete and name in BROUGHT and name not in self.packages]


@dataclass(frozen=True)
class Evidence:
    """The stacks of the shipped and of the user's ledger; `strict` counts no verdict that is only requalified."""

    shipped: list[Stack] = field(default_factory=list)
    own: list[Stack] = field(default_factory=list)
    strict: bool = False

    def packages_of(self, target: Target) -> tuple[dict[str, str], str] | None:
        """Return the relevant packages and the Python of the stack that a release resolves to; None if not stored."""
        subject = Subject(target, dict(target.pins), complete=False, python=next(iter(target.pythons), None))
        found = [stack for stack in self.stacks_of(subject) if stack.cells]
        if not found:
            return None
        plain = min(found, key=lambda stack: (len(stack.packages), stack.name))
        return {name: plain.packages[name] for name in RELEVANT if name in plain.packages}, plain.cells[0].python

    def stacks_of(self, subject: Subject) -> list[Stack]:
        """Return the stacks of a subject's client, pool and Python."""
        shipped = [stack for stack in self.shipped if _is_of(stack, subject)]
        own = [stack for stack in self.own if _is_of(stack, subject)]
        return merged(shipped, own)

    def on(self, subject: Subject) -> Stored:
        """Return the stored verdicts about a subject."""
        return Stored(subject, self.stacks_of(subject), self.chance, self.strict)

    @cached_property
    def chance(self) -> Chance:
        """Return which scenario variants chance decides."""
        return chance_in(self.shipped)

    @cached_property
    def by_pair(self) -> dict[tuple[str, tuple[tuple[str, str], ...]], list[Stack]]:
        """Return the stacks that releases resolve to, by Python and by the versions of client and pool."""
        found: dict[tuple[str, tuple[tuple[str, str], ...]], list[Stack]] = {}
        for stack in merged(self.shipped, [stack for stack in self.own if stack.releases]):
            if stack.releases:
                found.setdefault((stack.python, tuple(sorted(_pair(stack.packages).items()))), []).append(stack)
        return found


@dataclass(frozen=True)
class Stored:
    """The stored verdicts about one subject."""

    subject: Subject
    stacks: list[Stack]
    chance: Chance
    strict: bool = False

    def find(self, scenario: Scenario, variant: Variant) -> CellResult | None:
        """Return the stored result of a scenario variant; None if there is none that counts."""
        cell = Cell(scenario, variant, self.subject.target)
        known = [(stack, stack.find(scenario.id, variant)) for stack in self.stacks if self._fits(stack, cell.needs)]
        counting = [(stack, entry) for stack, entry in known if entry is not None and self._counts(entry)]
        if not counting:
            return None
        stack, entry = max(counting, key=_weight)
        return _result(cell, stack, entry, self.chance.decides(stack.packages, scenario.id, variant))

    def variants(self) -> Iterator[tuple[Scenario, Variant]]:
        """Yield every declared scenario variant with a verdict that counts."""
        for stack in self.stacks:
            for entry in stack.cells:
                if self._counts(entry) and not undeclared(entry.scenario, entry.variant):
                    yield declared()[entry.scenario], entry.variant

    def _counts(self, entry: Entry) -> bool:
        fresh = entry.state.freshness is Freshness.SAME or not (self.strict or entry.stale)
        return fresh and entry.status not in _UNMEASURED

    def _fits(self, stack: Stack, needs: tuple[str, ...]) -> bool:
        """Return whether a stack has the companions that matter to a scenario with these needs."""
        pins = self.subject.pins
        used = (matters(needs) & frozenset(COMPANIONS)) - (frozenset() if "trio" in needs else {"sniffio"})
        for name in used:
            pinned, measured = pins.get(name), stack.packages.get(name)
            # What nothing pins is resolved on the cut-off date, like the stack of a release.
            resolved = pinned is None and (bool(stack.releases) or name in _OPTIONAL)
            if pinned != measured and not resolved:
                return False
        return True


def _weight(known: tuple[Stack, Entry]) -> tuple[bool, int, str]:
    """Return how well a stored verdict counts: fresh before qualified, then one with the blocks for a comparison."""
    stack, entry = known
    return entry.state.freshness is Freshness.SAME, min(len(entry.in_blocks), ENOUGH_BLOCKS), stack.name


def _is_of(stack: Stack, subject: Subject) -> bool:
    target = subject.target
    if target.era or target.git or target.impossible or stack.python != minor(subject.python or ""):
        return False
    if not subject.complete and target.release is not None:
        return "==".join(target.release) in stack.releases
    named = _pair(subject.pins)
    if len(named) == 1 and stack.releases and not target.bare:
        # The pool is not pinned: it is the one that the client resolves to.
        return "==".join(*named.items()) in stack.releases
    return _pair(stack.packages) == named and (subject.complete or bool(stack.releases))


def _pair(packages: dict[str, str]) -> dict[str, str]:
    return {name: packages[name] for name in PACKAGES if name in packages}


def _result(cell: Cell, stack: Stack, entry: Entry, by_chance: bool) -> CellResult:
    line, release = cell.target.release or (None, None)
    return CellResult(
        **entry.fields(),
        target=cell.target.spec,
        line=line,
        release=release,
        packages=stack.packages,
        python=entry.python,
        seconds=0.0,
        cached=True,
        replay=replay(cell.scenario_name, cell.target.spec),
        freshness=entry.state.freshness,
        chance=by_chance or msgspec.UNSET,
    )

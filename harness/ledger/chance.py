"""Which cells chance decides: those whose scenario variant was flaky on a neighbouring release, and declared races.

A race that shows on one release may hide behind three equal runs on the next. A pass of three runs is therefore never
set against a failure of three runs where a stored cell of the same series is flaky, in `ESTABLISHED` runs of each kind
at least: a single run that differs may be an accident of the machine. A series are the releases of one package with the
same minor version, such as httpcore 1.0.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from ..catalogue.packages import PACKAGES
from ..scenarios import declared
from ..scenarios.declaration.scenario import REMEDY, Variant, complete, load_of
from ..verdict.outcome import CellOutcome
from ..verdict.rate import ENOUGH_BLOCKS
from .stack import Entry, Stack
from .store import shipped_ledger

ESTABLISHED = 2
"""Runs that fail, and runs that pass, from which a flaky cell shows that chance decides its series."""

Column = tuple[str, str, tuple[tuple[str, str], ...]]
"""A series, such as `httpcore 1.0`, and a scenario variant without its remedy."""


@dataclass(frozen=True, slots=True)
class Chance:
    """The scenario variants that were flaky, and those that were measured at all, each with a series."""

    flaky: frozenset[Column]
    measured: frozenset[Column]

    def decides(self, packages: dict[str, str], scenario: str, variant: Variant) -> bool:
        """Return whether chance decides a scenario variant with these packages.

        It does where the variant was flaky in a series of the client or of the pool, or declares that its requests race
        their own deadlines. Before the first measurement of a series the declaration decides alone: several runs before
        a verdict is trusted, or threads. A sweep is its own repetition, and is compared by its points.
        """
        known = declared().get(scenario)
        if known is None or known.run is not None:
            return False
        columns = set(_columns(packages, scenario, variant))
        if columns & self.flaky or _raced(scenario, tuple(sorted(variant.items()))):
            return True
        return not columns & self.measured and (known.repeats > 1 or known.threads)


def chance_in(stacks: Iterable[Stack]) -> Chance:
    """Return what the cells of these stacks show."""
    flaky: set[Column] = set()
    measured: set[Column] = set()
    for stack in stacks:
        for cell in stack.cells:
            columns = set(_columns(stack.packages, cell.scenario, cell.variant))
            measured |= columns
            flaky |= columns if _established(cell) else set()
    return Chance(frozenset(flaky), frozenset(measured))


def flaky_in(stacks: Iterable[Stack]) -> frozenset[Column]:
    """Return the scenario variants that were flaky, each with a series; the declarations are not loaded for it."""
    return frozenset(
        column
        for stack in stacks
        for cell in stack.cells
        if _established(cell)
        for column in _columns(stack.packages, cell.scenario, cell.variant)
    )


def uncertain(flaky: frozenset[Column], packages: dict[str, str], entry: Entry) -> bool:
    """Return whether a stored pass has too few runs, because its scenario variant was flaky in the same series."""
    few = len(entry.in_blocks) < ENOUGH_BLOCKS
    return entry.passes and few and bool(flaky & set(_columns(packages, entry.scenario, entry.variant)))


def _established(cell: CellOutcome) -> bool:
    rate = cell.rate
    return rate is not None and min(rate.failed, rate.runs - rate.failed) >= ESTABLISHED


@functools.cache
def shipped_chance() -> Chance:
    """Return what the cells that ship show."""
    return chance_in(shipped_ledger().stacks)


def _columns(packages: dict[str, str], scenario: str, variant: Variant) -> Iterator[Column]:
    plain = tuple(sorted((name, value) for name, value in variant.items() if name != REMEDY))
    for name in PACKAGES:
        if name in packages:
            yield f"{name} {'.'.join(packages[name].split('.')[:2])}", scenario, plain


@functools.cache
def _raced(scenario: str, variant: tuple[tuple[str, str], ...]) -> bool:
    known = declared()[scenario]
    try:
        load = load_of(known, complete(known, dict(variant)))
    except (KeyError, ValueError):
        return False
    return any(request.raced for request in load.requests)

"""Which scenario variants chance decides: those whose runs were flaky on any release of a family, and declared races.

A race that shows on one release may hide behind three equal runs on the next. A pass of three runs is therefore never
set against a failure of three runs where a stored cell of the family is flaky.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable
from dataclasses import dataclass

from ..catalogue.packages import CLIENTS, POOLS
from ..scenarios import declared
from ..scenarios.declaration.scenario import Variant, complete, load_of
from .instruments import SHIPPED
from .stack import Stack
from .store import Ledger

_Column = tuple[str | None, str, tuple[tuple[str, str], ...]]
"""A family, and a scenario variant."""


@dataclass(frozen=True, slots=True)
class Chance:
    """The scenario variants that were flaky, and those that were measured at all, each with the family."""

    flaky: frozenset[_Column]
    measured: frozenset[_Column]

    def decides(self, packages: dict[str, str], scenario: str, variant: Variant) -> bool:
        """Return whether chance decides a scenario variant with these packages.

        It does where the variant was flaky on a release of the family, or declares that its requests race their own
        deadlines. Before the first measurement of a family the declaration decides alone: several runs before a verdict
        is trusted, or threads. A sweep is its own repetition, and is compared by its points.
        """
        known = declared().get(scenario)
        if known is None or known.run is not None:
            return False
        column = _column(packages, scenario, variant)
        if column in self.flaky or _raced(scenario, column[2]):
            return True
        return column not in self.measured and (known.repeats > 1 or known.threads)


def chance_in(stacks: Iterable[Stack]) -> Chance:
    """Return what the cells of these stacks show."""
    cells = [
        (_column(stack.packages, cell.scenario, cell.variant), cell.by_chance)
        for stack in stacks
        for cell in stack.cells
    ]
    return Chance(
        flaky=frozenset(column for column, by_chance in cells if by_chance),
        measured=frozenset(column for column, _ in cells),
    )


@functools.cache
def shipped_chance() -> Chance:
    """Return what the cells that ship show."""
    return chance_in(Ledger(SHIPPED).stacks)


def _column(packages: dict[str, str], scenario: str, variant: Variant) -> _Column:
    return family_of(packages), scenario, tuple(sorted(variant.items()))


def family_of(packages: dict[str, str]) -> str | None:
    """Return the client of a package set's family; None where it has neither a client nor a pool."""
    families = zip(CLIENTS, POOLS, strict=True)
    return next((client for client, pool in families if client in packages or pool in packages), None)


@functools.cache
def _raced(scenario: str, variant: tuple[tuple[str, str], ...]) -> bool:
    known = declared()[scenario]
    try:
        load = load_of(known, complete(known, dict(variant)))
    except (KeyError, ValueError):
        return False
    return any(request.raced for request in load.requests)

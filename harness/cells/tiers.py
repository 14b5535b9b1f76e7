"""The tiers of coverage: which scenario variants a release is measured with.

`core` is what every pool must handle, `standard` what each release of a line has, `deep` every variant, for the newest
release of each family. Each tier has all of the one before it. `standard.json` lists the
names of `standard`.
"""

from __future__ import annotations

import enum
import functools
from collections.abc import Collection

from ..scenarios.declaration.scenario import Scenario, Variant
from .cell import variant_name
from .select import select


class Tier(enum.StrEnum):
    """A tier of coverage, the smallest first."""

    CORE = "core"
    STANDARD = "standard"
    DEEP = "deep"


@functools.cache
def chosen_in(tier: Tier) -> list[tuple[Scenario, Variant]]:
    """Return the scenario variants of a tier."""
    return select([tier])


@functools.cache
def names_in(tier: Tier) -> frozenset[str]:
    """Return the names of a tier's scenario variants."""
    return frozenset(variant_name(scenario.id, variant) for scenario, variant in chosen_in(tier))


def tier_of(name: str) -> Tier | None:
    """Return the smallest tier with a scenario variant; None for a remedy, which no tier has."""
    return next((tier for tier in Tier if name in names_in(tier)), None)


def tier_reached(names: Collection[str]) -> Tier | None:
    """Return the largest tier of which a release has every variant, by the names that it has; None below `core`."""
    return next((tier for tier in reversed(Tier) if names_in(tier) <= set(names)), None)

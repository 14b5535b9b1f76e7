"""The value of a scenario for a decision: core scenarios first, then cancellation, then the others by their trigger."""

from __future__ import annotations

from ...cells.groups import Group, group_of_declared
from ...scenarios.declaration.scenario import Scenario, Variant

DECISIVE = 2
"""Ranks below this one decide whether a family was exercised: core and cancellation."""


def rank(scenario: Scenario, variant: Variant) -> tuple[int, int]:
    """Return the rank of a scenario variant, the most valuable first."""
    group = group_of_declared(scenario, variant)
    if is_core(scenario, variant):
        return 0, 0
    return (1 if group is Group.CANCELLATION else 2), list(Group).index(group)


def decides(scenario: Scenario, variant: Variant) -> bool:
    """Return whether a scenario variant decides that a family was exercised."""
    return rank(scenario, variant)[0] < DECISIVE


def is_core(scenario: Scenario, variant: Variant) -> bool:
    """Return whether a scenario variant is what every pool must handle."""
    return scenario.core and not variant

"""The declared scenarios, and the release lines of the catalogue."""

from __future__ import annotations

from typing import Literal

import msgspec

from .. import scenarios
from ..catalogue.packages import LINES
from ..catalogue.releases import load


class ScenarioLine(msgspec.Struct, frozen=True):
    """A scenario: `variants` maps each parameter to its values, the default first."""

    id: str
    requirement: str
    variants: dict[str, list[str]]
    references: list[str]


class ReleaseLine(msgspec.Struct, frozen=True):
    """A release line in release order, finals only."""

    line: str
    releases: list[str]


class ListAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """The answer of `list`."""

    schema: Literal["poolgate/list"] = "poolgate/list"
    version: Literal[1] = 1
    scenarios: list[ScenarioLine]
    lines: list[ReleaseLine]
    cutoff: str


def ask() -> ListAnswer:
    """Return all scenarios and release lines."""
    catalogue = load()
    found = [
        ScenarioLine(
            scenario.id,
            scenario.requirement,
            {name: list(values) for name, values in scenario.variants.items()},
            list(scenario.references),
        )
        for scenario in scenarios.declared().values()
    ]
    lines = [ReleaseLine(line, [release.version for release in catalogue.releases(line)]) for line in LINES]
    return ListAnswer(scenarios=found, lines=lines, cutoff=catalogue.cutoff)

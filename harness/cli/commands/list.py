"""`poolgate list`: the scenarios, and the release lines of the catalogue."""

from __future__ import annotations

import argparse
from typing import Literal

import msgspec

from ... import scenarios
from ...catalogue.releases import LINES, load
from ...errors import Exit
from ...formats.format import to_json


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


def main(arguments: argparse.Namespace) -> Exit:
    answer = ask()
    print(to_json(answer) if arguments.format == "json" else to_text(answer))
    return Exit.FINE


def ask() -> ListAnswer:
    """Everything that can be asked for."""
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


def to_text(answer: ListAnswer) -> str:
    """Plain lines: scenarios first, then the lines with their ends."""
    told = []
    for scenario in answer.scenarios:
        variants = "; ".join(f"{name}={'|'.join(values)}" for name, values in scenario.variants.items())
        told += [scenario.id, f"    {scenario.requirement}", f"    variants: {variants or 'none'}"]
        told += [f"    see: {', '.join(scenario.references)}"]
    told += ["", f"release lines (as of {answer.cutoff})"]
    for line in answer.lines:
        told.append(f"    {line.line}: {len(line.releases)} releases, {line.releases[0]} to {line.releases[-1]}")
    return "\n".join(told)

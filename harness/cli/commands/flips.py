"""`poolgate flips`: find every change of behaviour along a release line."""

from __future__ import annotations

import argparse

import msgspec

from ...answers.release_line.flips import Flip
from ...answers.release_line.settle import measured_flips
from ...answers.run import exit_for
from ...catalogue.releases import load
from ...cells.cell import Cell
from ...cells.select import select
from ...environments.upstream_changelog import installed_changelog
from ...errors import Exit, PoolgateError
from ...formats.flips import render
from ...formats.format import Format
from ...measurement.cached import Measurer
from ...targets.parse import parse_release
from ...targets.spec import ERA
from ...targets.target import Target
from ..measuring import measurer_of


def main(arguments: argparse.Namespace) -> Exit:
    """Measure the line and print its flips; a failing cell alone leaves the exit code at 0."""
    line = arguments.line.partition(":")[0]
    deps = ERA if arguments.deps == "era" else ""
    targets = [parse_release(line, release.version, deps) for release in load().line(arguments.line)]
    cells = [Cell(scenario, variant, target) for scenario, variant in select(arguments.scenario) for target in targets]
    measurer = measurer_of(arguments)
    answer = measured_flips(measurer, line, cells, arguments.budget)
    by_spec = {target.spec: target for target in targets}
    flips = [_with_changelog(measurer, line, flip, by_spec[flip.after.target]) for flip in answer.flips]
    answer = msgspec.structs.replace(answer, flips=flips)
    print(render(answer, Format(arguments.format), keys=arguments.keys))
    return exit_for(answer.cells, None)


def _with_changelog(measurer: Measurer, line: str, flip: Flip, target: Target) -> Flip:
    """Return a flip with lines of the release's changelog, read from the environment that was measured."""
    try:
        interpreter = measurer.environment(target).interpreter
    except PoolgateError:
        return flip
    return msgspec.structs.replace(flip, changelog=installed_changelog(interpreter, line, flip.to))

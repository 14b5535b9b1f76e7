"""`poolgate run`: one cell for each asked scenario variant and target."""

from __future__ import annotations

import argparse

from ...catalogue.releases import load
from ...cells.select import Cell, select
from ...errors import Exit, UsageError, exit_of
from ...formats.cell_text import Format
from ...formats.run import render
from ...measurement.cached import ask, check_client
from ...targets.spec import ERA, in_era
from ...targets.target import Target, parse, parse_release
from ...verdict.outcome import CellAnswer, RunAnswer
from ...verdict.words import Status


def main(arguments: argparse.Namespace) -> Exit:
    """Measure, print the answer, and say by the exit code how it went."""
    targets = _targets(arguments)
    chosen = select(arguments.scenario)
    check_client(arguments, targets[0], chosen)
    cells = [Cell(scenario, variant, target) for target in targets for scenario, variant in chosen]
    answer = RunAnswer(cells=ask(arguments, cells))
    print(render(answer, Format(arguments.format)))
    return exit_for(answer.cells, arguments.fail_on)


def _targets(arguments: argparse.Namespace) -> list[Target]:
    if bool(arguments.target) == bool(arguments.line):
        raise UsageError("say what is under test: --target SPEC... or --line LINE[:FROM..TO]")
    deps = ERA if arguments.deps == "era" else ""
    if arguments.target:
        return [parse(in_era(spec) if deps else spec) for spec in arguments.target]
    line = arguments.line.partition(":")[0]
    return [parse_release(line, release.version, deps) for release in load().line(arguments.line)]


def exit_for(cells: list[CellAnswer], fail_on: str | None) -> Exit:
    """The exit code of a run: a failing cell alone is fine, unless `fail_on` ("fail" or "flaky") says otherwise.

    Where nothing could be installed, or nothing could be run, it is the harness that has a problem.
    """
    worse = {"fail": {Status.FAIL}, "flaky": {Status.FAIL, Status.FLAKY}}.get(fail_on or "", set())
    statuses = {cell.status for cell in cells}
    codes = set()
    if statuses <= {Status.UNINSTALLABLE, Status.UNKNOWN} and any(not cell.packages for cell in cells):
        codes.add(Exit.HARNESS)
    if statuses & worse:
        codes.add(Exit.WORSE)
    if Status.UNKNOWN in statuses:
        codes.add(Exit.INCONCLUSIVE)
    return exit_of(codes)

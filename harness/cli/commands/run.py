"""`poolgate run`: measure one cell for each selected scenario variant and target."""

from __future__ import annotations

import argparse

from ...answers.plan import plan_answer
from ...answers.run import RunAnswer, exit_for
from ...answers.within import within
from ...catalogue.releases import load
from ...cells.cell import Cell
from ...cells.select import select
from ...cells.shard import WHOLE, Shard, parse_shard
from ...errors import Exit, NothingSelectedError, UsageError
from ...formats.format import Format
from ...formats.plan import render as render_plan
from ...formats.run import render
from ...targets.parse import parse_all, parse_release
from ...targets.spec import ERA, in_era
from ...targets.target import Target
from ..measuring import measurer_of, say_notes


def main(arguments: argparse.Namespace) -> Exit:
    """Measure the cells and print the answer."""
    targets = _targets(arguments)
    say_notes(targets)
    chosen = select(arguments.scenario)
    shard = parse_shard(arguments.shard) if arguments.shard else WHOLE
    measurer = measurer_of(arguments)
    measurer.check_client(targets[0], chosen)
    cells = _sharded([Cell(scenario, variant, target) for target in targets for scenario, variant in chosen], shard)
    if arguments.plan:
        print(render_plan(plan_answer(within(measurer, None), cells), Format(arguments.format)))
        return Exit.FINE
    answer = RunAnswer(cells=measurer.answers(cells))
    print(render(answer, Format(arguments.format), keys=arguments.keys))
    return exit_for(answer.cells, arguments.fail_on)


def _sharded(cells: list[Cell], shard: Shard) -> list[Cell]:
    """Return the cells of a shard; raises NothingSelectedError if it has none."""
    taken = [cell for cell in cells if shard.takes(cell)]
    if not taken:
        raise NothingSelectedError(f"shard {shard} has none of the {len(cells)} cells; use fewer shards")
    return taken


def _targets(arguments: argparse.Namespace) -> list[Target]:
    if bool(arguments.target) == bool(arguments.line):
        raise UsageError("name what to test: either --target SPEC... or --line LINE[:FROM..TO]")
    deps = ERA if arguments.deps == "era" else ""
    if arguments.target:
        return [target for spec in arguments.target for target in parse_all(in_era(spec) if deps else spec)]
    line = arguments.line.partition(":")[0]
    return [parse_release(line, release.version, deps) for release in load().line(arguments.line)]

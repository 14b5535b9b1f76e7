"""Measure what makes batches of runs differ where chance decides a cell: `make bench-batches`, some minutes.

Each batch is a number of runs of both targets, in pairs of random order, under one condition: forked workers or
interpreters of their own, and how many run in parallel. The batches of all conditions are mixed. For each condition
it prints the failed runs of every batch, and by how much their variance exceeds that of independent runs.
"""

from __future__ import annotations

import argparse
import itertools
import random
import tempfile
from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

from poolgate.cells.cell import Cell
from poolgate.cells.select import select
from poolgate.environments.build import environment_for
from poolgate.ledger.store import Ledger
from poolgate.measurement.batch import measuring
from poolgate.measurement.cell import MeasurementContext, attempt
from poolgate.measurement.retries import RetryPolicy
from poolgate.measurement.settings import Settings
from poolgate.targets.parse import parse
from poolgate.verdict.judgement import Judgement
from poolgate.verdict.rate import design_effect, rate_of_blocks
from poolgate.verdict.words import Status

TARGETS = ("httpx==0.27.2,httpcore==1.0.9", "httpx==0.28.1,httpcore==1.0.9")


class Condition(NamedTuple):
    """The condition of a batch."""

    alone: bool
    parallel: int

    def __str__(self) -> str:
        return f"{'an interpreter each' if self.alone else 'forked workers'}, {self.parallel} in parallel"


def run(context: MeasurementContext, cell: Cell, seed: int, condition: Condition) -> Judgement:
    environment = environment_for(context.processes, cell.target, cell.needs)
    policy = RetryPolicy()
    judgement, _ = attempt(context, cell, environment, environment.client, policy, seed=seed, alone=condition.alone)
    return judgement


def batch(cells: list[Cell], condition: Condition, runs: int, chance: random.Random) -> list[tuple[int, int]]:
    """Return the failed and the judged runs of each target, in a fresh set of servers and workers."""
    order = [side for _ in range(runs) for side in chance.sample(range(len(cells)), len(cells))]
    seeds = [chance.randrange(2**31) for _ in order]
    with (
        tempfile.TemporaryDirectory() as folder,
        measuring(Ledger(Path(folder)), Settings(), condition.parallel) as context,
        ThreadPoolExecutor(condition.parallel) as executor,
    ):
        judged = executor.map(lambda side, seed: run(context, cells[side], seed, condition), order, seeds)
        found = [(side, each.status) for side, each in zip(order, judged, strict=True) if each.key is not None]
    return [(found.count((side, Status.FAIL)), sum(of == side for of, _ in found)) for side in range(len(cells))]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scenario", default="cancel-connecting")
    parser.add_argument("--target", nargs="+", default=TARGETS)
    parser.add_argument("--batches", type=int, default=6, help="batches of each condition (default: 6)")
    parser.add_argument("--runs", type=int, default=8, help="runs of each target in a batch (default: 8)")
    parser.add_argument("--parallel", type=int, nargs="+", default=[1, 4, 8])
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    chance = random.Random(arguments.seed)
    (chosen,) = select([arguments.scenario])
    cells = [Cell(*chosen, parse(spec)) for spec in arguments.target]
    conditions = [Condition(*each) for each in itertools.product((False, True), arguments.parallel)]
    batches = conditions * arguments.batches
    chance.shuffle(batches)
    figures: dict[Condition, list[list[tuple[int, int]]]] = defaultdict(list)
    for condition in batches:
        figures[condition].append(batch(cells, condition, arguments.runs, chance))
    for condition in conditions:
        print(condition)
        for spec, blocks in zip(arguments.target, zip(*figures[condition], strict=True), strict=True):
            shown = " ".join(f"{failed}/{runs}" for failed, runs in blocks)
            print(f"  {spec}: {shown}: {rate_of_blocks(blocks)}, variance {design_effect(blocks):.1f} times")


if __name__ == "__main__":
    main()

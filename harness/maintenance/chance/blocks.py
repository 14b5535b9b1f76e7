"""Measures on the newest releases, in blocks of runs, what chance decides on any other: called by `make evidence`.

A gate compares one family with another. A scenario variant that never varies on one of them may be flaky on the other,
and two rates are compared by the blocks of both sides.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Sequence
from pathlib import Path

from ...cells.cell import Cell
from ...cells.select import select, undeclared
from ...ledger.chance import flaky_in
from ...ledger.stack import Stack
from ...ledger.store import Ledger
from ...measurement.batch import default_jobs
from ...measurement.cached import Measurer
from ...measurement.repeats import BLOCK
from ...measurement.settings import Settings
from ...scenarios.declaration.scenario import Scenario, Variant
from ...targets.parse import parse
from ...verdict.compare import JUDGED
from ...verdict.rate import ENOUGH_BLOCKS

BLOCKS = 2 * ENOUGH_BLOCKS
"""Blocks of a newest release: more than others have, because releases of all other families are compared with it."""


def without_blocks(stacks: Sequence[Stack], targets: Iterable[str], names: Iterable[str]) -> list[Cell]:
    """Return the cells of these targets, judged in too few blocks, whose scenario variant is flaky on some release.

    `names` select the scenario variants; a variant counts without its remedy.
    """
    flaky = {(scenario, variant) for _, scenario, variant in flaky_in(stacks)}
    chosen = [each for each in select(names) if (each[0].id, tuple(sorted(each[1].items()))) in flaky]
    return [Cell(*each, parse(spec)) for spec in targets for each in chosen if _lacks_blocks(stacks, spec, *each)]


def _lacks_blocks(stacks: Sequence[Stack], spec: str, scenario: Scenario, variant: Variant) -> bool:
    if scenario.run is not None or undeclared(scenario.id, variant):
        return False
    entries = [stack.find(scenario.id, variant) for stack in stacks if spec in stack.releases]
    return any(entry and entry.status in JUDGED and len(entry.in_blocks) < BLOCKS for entry in entries)


def main() -> None:
    """Measure the cells, and store them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--target", nargs="+", required=True, metavar="SPEC", help="the newest releases")
    parser.add_argument("--scenario", nargs="+", default=["all[*]"], help="only these (default: all)")
    parser.add_argument("--results", type=Path, default=Path("results"), help="the ledger (default: results)")
    parser.add_argument("--jobs", type=int, default=default_jobs(), help="cells in parallel")
    arguments = parser.parse_args()
    cells = without_blocks(Ledger(arguments.results).stacks, arguments.target, arguments.scenario)
    measurer = Measurer(Settings(repeats=BLOCKS * BLOCK, chance=True, again=True), arguments.results, arguments.jobs)
    for cell in measurer.answers(cells):
        print(f"{cell.target} {cell.scenario}: {cell.status}, {len(cell.in_blocks)} blocks")


if __name__ == "__main__":
    main()

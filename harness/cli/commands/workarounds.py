"""`poolgate workarounds`: test common workarounds on a target, with their cost."""

from __future__ import annotations

import argparse

from ...answers.run import exit_for
from ...answers.workarounds.measure import compared_cells
from ...answers.workarounds.remedies import WorkaroundsAnswer, compared_loads, suited, tried_remedy
from ...cells.cell import Cell
from ...cells.select import select
from ...errors import Exit
from ...formats.format import Format
from ...formats.workarounds import render
from ...targets.parse import parse
from ...verdict.compare import FAILING
from ...verdict.words import Status
from ..measuring import measurer_of, say_notes


def main(arguments: argparse.Namespace) -> Exit:
    """Measure what fails on the target, measure every remedy against it, and print which ones help."""
    target = parse(arguments.target)
    say_notes([target])
    chosen = select(arguments.scenario)
    wanted = suited(scenario for scenario, _ in chosen)
    cells = [Cell(scenario, variant, target) for scenario, variant in chosen if scenario in wanted]
    measurer = measurer_of(arguments)
    found = measurer.answers(cells)
    failing = [(cell, answer) for cell, answer in zip(cells, found, strict=True) if answer.status in FAILING]
    plans = [(remedy, cell, answer, other) for cell, answer in failing for remedy, other in compared_cells(cell)]
    answers = measurer.answers_confirmed([other for *_, other in plans])
    tried = [
        tried_remedy(remedy, before, after, compared_loads(cell, other))
        for (remedy, cell, before, other), after in zip(plans, answers, strict=True)
    ]
    print(render(WorkaroundsAnswer(target=target.spec, cells=found, tried=tried), Format(arguments.format)))
    return exit_for([*found, *(after for after in answers if after.status is Status.UNKNOWN)], None)

"""`poolgate workarounds`: which workarounds help on a target, and their cost, within a budget."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from ...answers.run import exit_for
from ...answers.within import Within, left_out, within
from ...answers.workarounds.answer import WorkaroundsAnswer, names_left_out, summaries
from ...answers.workarounds.measure import Chosen, chosen_for, compared_cells, python_of
from ...answers.workarounds.remedies import compared_loads, suited, tried_remedy
from ...answers.workarounds.symptom import Symptom, raising, symptom_of
from ...cells.cell import Cell
from ...cells.select import select
from ...errors import Exit
from ...formats.format import Format
from ...formats.workarounds import render
from ...targets.parse import parse
from ...targets.target import Target
from ...verdict.compare import FAILING
from ...verdict.outcome import CellResult
from ...verdict.words import Status
from ..measuring import measurer_of


def main(arguments: argparse.Namespace) -> Exit:
    """Find what fails on the target, compare every remedy with it, and print which ones help."""
    symptom = symptom_of(arguments.symptom) if arguments.symptom is not None else None
    target = parse(arguments.target)
    bounded = within(measurer_of(arguments), arguments.budget)
    cells = [Cell(*each, target) for each in _chosen(arguments.scenario, symptom, bounded, target)]
    found = bounded.results(cells)
    failing = [pair for pair in zip(cells, found, strict=True) if _is_failing(pair[1], symptom)]
    environment = bounded.measurer.environment(target) if target.interpreter else None
    plans = [(name, *pair, other) for pair in failing for name, other in compared_cells(pair[0], environment)]
    if plans:
        forecast = bounded.forecast([other for *_, other in plans])
        print(f"workarounds: {forecast}; the budget is {arguments.budget:g} s", file=sys.stderr)
    answers = bounded.results([other for *_, other in plans], bounded.measurer.answers_confirmed)
    tried = [
        tried_remedy(remedy, before, after, compared_loads(cell, other))
        for (remedy, cell, before, other), after in zip(plans, answers, strict=True)
        if not left_out(after)
    ]
    answer = WorkaroundsAnswer(
        target=target.spec,
        cells=found,
        tried=tried,
        symptom=symptom.word if symptom else None,
        python=next((cell.python for cell in found if cell.python), None) or python_of(target) or None,
        remedies=summaries(tried),
        budget=arguments.budget,
        stored=sum(cell.cached for cell in (*found, *answers)),
        left_out=names_left_out([*found, *answers]),
    )
    print(render(answer, Format(arguments.format), everything=arguments.all, keys=arguments.keys))
    return _exit_for(answer, [*found, *answers])


def _chosen(words: Sequence[str], symptom: Symptom | None, bounded: Within, target: Target) -> list[Chosen]:
    """Return the scenario variants of the command line, or those that the symptom may come from."""
    if words:
        chosen = select(words)
        wanted = suited(scenario for scenario, _ in chosen)
        return [each for each in chosen if each[0] in wanted]
    names = raising(symptom, bounded.evidence.shipped) if symptom else None
    return chosen_for(symptom, bounded.stored_on(target), names)


def _is_failing(found: CellResult, symptom: Symptom | None) -> bool:
    return found.status in FAILING and (symptom is None or symptom.fits(found))


def _exit_for(answer: WorkaroundsAnswer, results: list[CellResult]) -> Exit:
    """Return 3 if a cell could not be judged here, or if the budget left out all that could be tried."""
    if answer.left_out and not answer.tried:
        return Exit.INCONCLUSIVE
    on_target = [cell for cell in answer.cells if not left_out(cell)]
    unknown = [cell for cell in results if cell.status is Status.UNKNOWN and not left_out(cell)]
    return exit_for([*on_target, *unknown], None)

"""`poolgate gate`: compare a head with its base, as far as packages that matter to a pool differ."""

from __future__ import annotations

import argparse

from ...answers.accepted import deviations_of
from ...answers.gate.answer import exit_for
from ...answers.gate.measure import compare_targets
from ...cells.select import select
from ...errors import Exit
from ...formats.format import Format
from ...formats.gate import render
from ...targets.parse import parse
from ..measuring import measurer_of


def main(arguments: argparse.Namespace) -> Exit:
    """Compare both targets and print the answer; the exit code says whether head may pass."""
    chosen = select(arguments.scenario)
    targets = parse(arguments.base), parse(arguments.head)
    measurer = measurer_of(arguments)
    measurer.check_client(targets[0], chosen)
    answer = compare_targets(measurer, targets, chosen, deviations_of(arguments.accept), min_fix=arguments.min_fix)
    print(render(answer, Format(arguments.format)))
    return exit_for(answer)

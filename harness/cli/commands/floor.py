"""`poolgate floor`: which lower bound a library may declare, from stored verdicts. Runs nothing."""

from __future__ import annotations

import argparse

from ...answers.floor.answer import floor_answer
from ...answers.release_line.stored import by_release
from ...cells.groups import Group, group_named, group_of_declared
from ...cells.select import select
from ...errors import Exit, NothingSelectedError
from ...formats.floor import render
from ...formats.format import Format
from ...ledger.merged import merged
from ...ledger.store import Ledger, shipped_ledger
from ...paths import results_root
from ...scenarios.declaration.scenario import Scenario, Variant


def main(arguments: argparse.Namespace) -> Exit:
    """Print the answer about a requirement; the exit code is 3 if nothing about it is judged."""
    chosen = _chosen(arguments.scenario, [group_named(word) for word in arguments.group])
    stacks = merged(shipped_ledger().stacks, Ledger(results_root(arguments.results)).stacks)
    answer = floor_answer(arguments.requirement, chosen, by_release(stacks))
    print(render(answer, Format(arguments.format), everything=arguments.all))
    return Exit.FINE if answer.floor else Exit.INCONCLUSIVE


def _chosen(words: list[str], groups: list[Group]) -> list[tuple[Scenario, Variant]]:
    """Return the chosen scenario variants of the groups; raises NothingSelectedError if none is left."""
    found = [each for each in select(words) if not groups or group_of_declared(*each) in groups]
    if not found:
        raise NothingSelectedError(f"none of these scenarios is in {', '.join(groups)}; add --scenario 'all[*]'")
    return found

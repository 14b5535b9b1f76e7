"""`poolgate gate`: compare a head with its base, as far as packages that matter to a pool differ."""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from ...answers.accepted import deviations_of
from ...answers.gate.answer import exit_for
from ...answers.gate.budget import Budget
from ...answers.gate.evidence import Evidence
from ...answers.gate.measure import Question, compare_targets
from ...cells.select import select
from ...errors import Exit
from ...extras import Extra, lacking, needs, require
from ...formats.format import Format
from ...formats.gate import render
from ...ledger.store import Ledger, shipped_ledger
from ...paths import results_root
from ...targets.parse import parse
from ...targets.target import Target
from ..also import copies_of, write_copies

if TYPE_CHECKING:
    from ...measurement.cached import Measurer


def main(arguments: argparse.Namespace) -> Exit:
    """Compare both targets and print the answer; the exit code says whether head may pass."""
    copies = copies_of(arguments)
    question = _question(arguments)
    targets = _targets(arguments.base, arguments.head)
    deviations = deviations_of(arguments.accept)

    def measurer() -> Measurer:
        # Imported late: an answer from the ledgers measures nothing.
        from ..measuring import measurer_of

        return measurer_of(arguments)

    if arguments.client is not None:
        measurer().check_client(targets[0], question.chosen)
    answer = compare_targets(question, targets, _evidence(arguments), measurer, deviations)
    write_copies(copies, lambda wanted: render(answer, wanted))
    print(render(answer, Format(arguments.format), everything=arguments.all, keys=arguments.keys))
    return exit_for(answer)


def _question(arguments: argparse.Namespace) -> Question:
    """Return what is asked: all scenarios where none is named; a user's own client suits only the core scenarios."""
    named = [*arguments.scenario, *(arguments.scenarios or [])]
    return Question(
        chosen=select(named or (["all"] if arguments.client is None else ["core"])),
        every=not named and arguments.client is None,
        budget=_budget(arguments),
        min_fix=arguments.min_fix,
        surface=arguments.surface,
        client=arguments.client,
    )


def _budget(arguments: argparse.Namespace) -> Budget:
    """Return the time for measuring: none in an installation that can't, unless an option asks for a measurement."""
    if arguments.budget or arguments.again or arguments.client or arguments.surface:
        require(Extra.MEASURE, "poolgate gate with --budget, --again, --client or --surface")
    return Budget(0, needs(Extra.MEASURE, "measuring")) if lacking(Extra.MEASURE) else Budget(arguments.budget)


def _targets(base: str | None, head: str | None) -> tuple[Target, Target]:
    """Return both targets; by default head is the lock of the working tree, and base that lock at the merge base."""
    notes: tuple[str, ...] = ()
    if base is None or head is None:
        from ...targets.default_branch import at_merge_base, lock_here

        head = head or lock_here(Path.cwd())
        base, notes = (base, ()) if base else at_merge_base(head, Path.cwd())
    before = parse(base)
    return replace(before, notes=(*before.notes, *notes)), parse(head)


def _evidence(arguments: argparse.Namespace) -> Evidence:
    """Return the stored verdicts; none counts with `--again` and for a user's own client."""
    if arguments.again or arguments.client is not None:
        return Evidence()
    own = Ledger(results_root(arguments.results)).stacks
    return Evidence(shipped_ledger().stacks, own, arguments.strict)

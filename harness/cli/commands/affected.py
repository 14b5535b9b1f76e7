"""`poolgate affected`: what the stored verdicts say about a target. Runs nothing, uses no network."""

from __future__ import annotations

import argparse
import gc
from pathlib import Path
from typing import TYPE_CHECKING

from ...environments.installed import Installed, current
from ...errors import Exit, UsageError
from ...targets.interpreter_path import interpreter_at

if TYPE_CHECKING:
    from ...answers.affected.answer import AffectedAnswer
    from ...answers.affected.evidence import Own
    from ...answers.affected.selection import Selection
    from ...answers.reach.answer import CodeReach
    from ...ledger.stack import Stack


def main(arguments: argparse.Namespace) -> Exit:
    """Print the findings of a target."""
    spec: str = f"python:{current()}" if arguments.spec is None else arguments.spec
    environment = environment_of(spec)
    try:
        # Imported late: if an interpreter has to be queried, it starts while these modules are loaded.
        from ...answers.affected.answer import affected_answer
        from ...answers.affected.package_set import package_set_in, package_set_of
        from ...formats.affected import render
        from ...formats.format import Format
        from ..also import copies_of, write_copies

        copies = copies_of(arguments)
        selected = _selection(arguments)
        stacks, own = _ledgers(arguments.results)
        asked = package_set_in(environment, spec) if environment else package_set_of(spec)
        answer = affected_answer(asked, stacks, selected, own, _code(arguments.code, asked.clients))
    finally:
        if environment:
            environment.close()
    write_copies(copies, lambda wanted: render(answer, wanted))
    print(render(answer, Format(arguments.format), everything=arguments.all, keys=arguments.keys))
    return exit_for(answer)


def _code(path: str | None, clients: list[str]) -> CodeReach | None:
    if path is None:
        return None
    from ...answers.reach.read import read_code
    from ...answers.reach.source.files import without_collector

    with without_collector():
        code = read_code(Path(path), clients)
        gc.freeze()  # The trees are not collected: that takes a second, and the command ends soon.
    return code


def _selection(arguments: argparse.Namespace) -> Selection:
    from datetime import date

    from ...answers.accepted import deviations_of
    from ...answers.affected.selection import selection

    return selection(arguments.scenario or [], arguments.group or [], deviations_of(arguments.accept), date.today())


def _ledgers(results: str | None) -> tuple[list[Stack], Own]:
    """Return the shipped and the user's verdicts as one, and which are the user's."""
    from ...answers.affected.evidence import owned
    from ...ledger.merged import merged
    from ...ledger.store import Ledger, shipped_ledger
    from ...paths import results_root

    shipped, own = shipped_ledger().stacks, Ledger(results_root(results)).stacks
    return (merged(shipped, own), owned(own, shipped)) if own else (shipped, frozenset())


def environment_of(spec: str) -> Installed | None:
    """Return the environment of a python: SPEC; None for other SPECs, and for a path that the parser will reject."""
    if not spec.startswith("python:"):
        return None
    try:
        return Installed(interpreter_at(spec.removeprefix("python:")))
    except UsageError:
        return None


def exit_for(answer: AffectedAnswer) -> Exit:
    """Return 1 with findings or a client that can't use its pool, 3 if no stored verdict applies."""
    if answer.findings or any(client.broken for client in answer.clients):
        return Exit.WORSE
    return Exit.FINE if answer.judged else Exit.INCONCLUSIVE

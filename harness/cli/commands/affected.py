"""`poolgate affected`: what the shipped verdicts say about a target. Runs nothing, uses no network."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from ...environments.installed import Installed, current
from ...errors import Exit, UsageError
from ...targets.interpreter_path import interpreter_at

if TYPE_CHECKING:
    from ...answers.affected.answer import AffectedAnswer


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
        from ...ledger.instruments import SHIPPED
        from ...ledger.store import Ledger

        stacks = Ledger(SHIPPED).stacks
        asked = package_set_in(environment, spec) if environment else package_set_of(spec)
        answer = affected_answer(asked, stacks)
    finally:
        if environment:
            environment.close()
    print(render(answer, Format(arguments.format)))
    return exit_for(answer)


def environment_of(spec: str) -> Installed | None:
    """Return the environment of a python: SPEC; None for other SPECs, and for a path that the parser will reject."""
    if not spec.startswith("python:"):
        return None
    try:
        return Installed(interpreter_at(spec.removeprefix("python:")))
    except UsageError:
        return None


def exit_for(answer: AffectedAnswer) -> Exit:
    """Return 1 with findings, 3 if no stored verdict applies."""
    if answer.findings:
        return Exit.WORSE
    return Exit.FINE if answer.judged else Exit.INCONCLUSIVE

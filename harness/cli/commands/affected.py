"""`poolgate affected`: what the verdicts that ship say about a target. Nothing is run, no network is asked."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from ...environments.installed import Installed, current
from ...errors import Exit, UsageError
from ...targets.interpreter_path import interpreter_at

if TYPE_CHECKING:
    from ...answers.affected.answer import AffectedAnswer


def main(arguments: argparse.Namespace) -> Exit:
    """Print what is known: exit 1 with findings, 3 where nothing is known."""
    spec: str = f"python:{current()}" if arguments.spec is None else arguments.spec
    environment = environment_of(spec)
    try:
        # Imported late: an interpreter that has to be asked starts while all of this is loaded.
        from ...answers.affected.answer import answer_of
        from ...answers.affected.package_set import subject_in, subject_of
        from ...formats.affected import render
        from ...formats.format import Format
        from ...ledger.instruments import SHIPPED
        from ...ledger.store import Ledger

        stacks = Ledger(SHIPPED).stacks
        answer = answer_of(subject_in(environment, spec) if environment else subject_of(spec), stacks)
    finally:
        if environment:
            environment.close()
    print(render(answer, Format(arguments.format)))
    return exit_for(answer)


def environment_of(spec: str) -> Installed | None:
    """The environment that a spec is about; None for all that is none, and for what says itself why it can't be one."""
    if not spec.startswith("python:"):
        return None
    try:
        return Installed(interpreter_at(spec.removeprefix("python:")))
    except UsageError:
        return None


def exit_for(answer: AffectedAnswer) -> Exit:
    """By what was found."""
    if answer.findings:
        return Exit.WORSE
    return Exit.FINE if answer.judged else Exit.INCONCLUSIVE

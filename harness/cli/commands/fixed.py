"""`poolgate fixed`: which releases fixed what a thread describes, from stored verdicts. Runs nothing."""

from __future__ import annotations

import argparse

from ...answers.claims.threads import find_thread
from ...answers.fixed.answer import fixed_answer
from ...answers.release_line.stored import by_release
from ...errors import Exit
from ...formats.fixed import render
from ...formats.format import Format
from ...ledger.merged import merged
from ...ledger.store import Ledger, shipped_ledger
from ...paths import results_root


def main(arguments: argparse.Namespace) -> Exit:
    """Print the answer about a thread; the exit code is 3 if nothing about it is judged."""
    thread = find_thread(arguments.thread)
    stacks = merged(shipped_ledger().stacks, Ledger(results_root(arguments.results)).stacks)
    answer = fixed_answer(thread, by_release(stacks))
    print(render(answer, Format(arguments.format), everything=arguments.all))
    return Exit.FINE if answer.best else Exit.INCONCLUSIVE

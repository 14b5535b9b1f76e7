"""`poolgate watch`: the pools of a running program, once or as a table that refreshes."""

from __future__ import annotations

import argparse
import sys
import time

from ...answers.watch.answer import WatchAnswer, WatchedProcess, exit_for
from ...answers.watch.processes import look_at, watched_processes
from ...errors import Exit, NothingSelectedError, PoolgateError
from ...formats.format import Format
from ...formats.watch import live_table, render

EACH = 1.0
"""Seconds between two looks."""


def main(arguments: argparse.Namespace) -> Exit:
    """Print the pools of a process, or all processes that are watched."""
    if arguments.pid is None:
        answer = WatchAnswer(processes=list(watched_processes()))
        if not answer.processes:
            raise NothingSelectedError(
                "no process of yours is watched: start one with POOLGATE_WATCH=1, or with `python -m poolgate.watch`"
            )
    else:
        follows = arguments.format == Format.TEXT and not arguments.once and _is_terminal()
        process = look_at(arguments.pid)
        answer = WatchAnswer(processes=[_follow(process) if follows else process])
        if follows:
            return exit_for(answer)
    print(render(answer, Format(arguments.format)))
    return exit_for(answer)


def _is_terminal() -> bool:
    return sys.stdout.isatty()


def _follow(process: WatchedProcess) -> WatchedProcess:
    """Refresh the table until the process ends; returns what it was at last."""
    from rich.live import Live

    with Live(live_table(process), auto_refresh=False) as table:
        while True:
            time.sleep(EACH)
            try:
                process = look_at(process.pid)
            except PoolgateError:
                table.update(live_table(process, "the process does not answer any more"), refresh=True)
                return process
            table.update(live_table(process), refresh=True)

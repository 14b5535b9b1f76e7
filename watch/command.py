"""Watches a program: `python -m poolgate.watch app.py`, or `python -m poolgate.watch -m module`."""

from __future__ import annotations

import argparse
import atexit
from typing import Any, Callable

from . import install, live, options, uninstall
from .program import run_file, run_module
from .settings import LEVELS, Settings


def main() -> None:
    """Watch the program of the command line, with its own arguments and exit code."""
    parser = _parser()
    chosen = parser.parse_args()
    if not chosen.module and not chosen.program:
        parser.error("name a program: app.py, or -m module")
    live.outside = live.Outside(chosen.signal, chosen.socket)
    try:
        install(chosen.level, chosen.grace, chosen.held_after)
    except ValueError as error:
        parser.error(str(error))
    atexit.register(uninstall)
    if chosen.module:
        run_module(chosen.module[0], chosen.module[1:])
    else:
        run_file(chosen.program[0], chosen.program[1:])


def _parser() -> argparse.ArgumentParser:
    usual = Settings()
    parser = argparse.ArgumentParser(
        prog="python -m poolgate.watch",
        usage="%(prog)s [options] (app.py | -m module) [arguments of the program]",
        description="Run a program and watch its connection pools; `poolgate watch PID` shows them.",
    )
    parser.add_argument(
        "--level",
        choices=LEVELS,
        default=usual.level,
        help=f"whose stack is recorded: of no request, of a sample, of all (default: {usual.level})",
    )
    parser.add_argument(
        "--held-after",
        type=_reader(options.seconds),
        default=usual.held_after,
        metavar="SECONDS",
        help=f"a response that is open for longer is held by its caller (default: {usual.held_after:g})",
    )
    parser.add_argument(
        "--grace",
        type=_reader(options.seconds),
        default=usual.grace,
        metavar="SECONDS",
        help=f"time between the two looks that report a lost slot (default: {usual.grace:g})",
    )
    parser.add_argument(
        "--signal",
        type=_reader(options.signal),
        metavar="NAME",
        help="a signal, such as USR1, that writes the pools to stderr (default: none)",
    )
    parser.add_argument(
        "--socket",
        type=_reader(options.switch),
        default=True,
        metavar="0|1",
        help="whether `poolgate watch` can read the pools (default: 1)",
    )
    parser.add_argument("-m", dest="module", nargs=argparse.REMAINDER, help="a module, as for `python -m`")
    parser.add_argument("program", nargs=argparse.REMAINDER, help=argparse.SUPPRESS)
    return parser


def _reader(read: Callable[[str], Any]) -> Callable[[str], Any]:
    """Return a reader whose error is that of the option."""

    def reader(text: str) -> Any:
        try:
            return read(text)
        except ValueError as error:
            raise argparse.ArgumentTypeError(str(error)) from None

    return reader

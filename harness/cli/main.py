"""Runs a verb: the one place that turns errors into exit codes.

A verb's module is imported only when it is asked for: `poolgate --help` has to answer at once.
"""

from __future__ import annotations

import argparse
import contextlib
import errno
import importlib
import os
import signal
import sys
from collections.abc import Iterator

from ..errors import Exit, PoolgateError, UsageError
from .parser import build_parser
from .uninstalled import uninstalled

_NO_ROOM = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_STOP = 128
"""Stops `git bisect run`, to which everything below 125 is a verdict."""


def main(words: list[str] | None = None) -> int:
    """Run the program; returns its exit code. No error of ours shows a traceback."""
    trouble = _STOP if _is_step(words) else Exit.HARNESS
    try:
        # Who starts us may have closed them.
        sys.stdin = sys.stdin or os.fdopen(os.open(os.devnull, os.O_RDONLY))
        sys.stdout = sys.stdout or os.fdopen(os.open(os.devnull, os.O_WRONLY), "w")
        arguments = _parsed(words)
        if difference := uninstalled():
            print(f"poolgate: {difference}", file=sys.stderr)
        with _undisturbed():
            verb = importlib.import_module(f".commands.{arguments.verb}", __package__)
        code: int = verb.main(arguments)
        sys.stdout.flush()
    except PoolgateError as error:
        print(f"poolgate: {error}", file=sys.stderr)
        return _STOP if _is_step(words) else error.exit_code
    except KeyboardInterrupt:
        print("poolgate: interrupted", file=sys.stderr)
        return Exit.INTERRUPTED
    except BrokenPipeError:
        # Whoever read us has had enough; what is left must not be complained about at exit.
        _drop_the_rest()
        return trouble
    except Exception as error:
        if isinstance(error, OSError) and error.errno in _NO_ROOM:
            _drop_the_rest()
            print(f"poolgate: {error.strerror}: free some room, or write elsewhere", file=sys.stderr)
            return trouble
        if os.environ.get("POOLGATE_TRACEBACK"):
            raise
        told = f"{type(error).__name__}: {error}"
        print(f"poolgate: a defect of poolgate's own: {told}; POOLGATE_TRACEBACK=1 shows where", file=sys.stderr)
        return trouble
    return code


@contextlib.contextmanager
def _undisturbed() -> Iterator[None]:
    """Ctrl-C waits until the context is left: a compiled module that is interrupted while it is set up may crash."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT, signal.SIGTERM})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _drop_the_rest() -> None:
    """What is still to be written goes nowhere."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _parsed(words: list[str] | None) -> argparse.Namespace:
    try:
        arguments = build_parser().parse_args(words)
    except SystemExit as error:
        if error.code and _is_step(words):
            raise SystemExit(_STOP) from None
        raise
    if arguments.format not in arguments.formats:
        offered = ", ".join(arguments.formats)
        raise UsageError(f"{arguments.verb} has no format {arguments.format!r}; it has {offered}")
    return arguments


def _is_step(words: list[str] | None) -> bool:
    return "--step" in (sys.argv if words is None else words)

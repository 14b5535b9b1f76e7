"""The entry point of the program: runs a verb, and converts errors to exit codes.

The module of a verb is imported only when the verb runs, so that `poolgate --help` prints at once.
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

_DISK_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_STOP = 128
"""An exit code that stops `git bisect run`; it takes every code below 125 for a verdict."""


def main(words: list[str] | None = None) -> int:
    """Run the program and return its exit code. Errors are printed as one line, without a traceback."""
    failure = _STOP if _is_step(words) else Exit.HARNESS
    try:
        # The parent process may have closed stdin or stdout.
        sys.stdin = sys.stdin or os.fdopen(os.open(os.devnull, os.O_RDONLY))
        sys.stdout = sys.stdout or os.fdopen(os.open(os.devnull, os.O_WRONLY), "w")
        arguments = _parsed(words)
        if difference := uninstalled():
            print(f"poolgate: {difference}", file=sys.stderr)
        if arguments.measures:
            from ..extras import Extra, require

            require(Extra.MEASURE, f"poolgate {arguments.verb}")
        with _signals_blocked():
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
        # The reader of stdout has closed it; flushing the rest at exit must not fail.
        _discard_output()
        return failure
    except Exception as error:
        if isinstance(error, OSError) and error.errno in _DISK_FULL:
            _discard_output()
            print(f"poolgate: {error.strerror}: free disk space, or write to another place", file=sys.stderr)
            return failure
        if os.environ.get("POOLGATE_TRACEBACK"):
            raise
        cause = f"{type(error).__name__}: {error}"
        print(f"poolgate: internal error: {cause}; set POOLGATE_TRACEBACK=1 for a traceback", file=sys.stderr)
        return failure
    return code


@contextlib.contextmanager
def _signals_blocked() -> Iterator[None]:
    """Delay Ctrl-C until the context ends: a compiled module may crash if its import is interrupted."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT, signal.SIGTERM})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _discard_output() -> None:
    """Redirect stdout to the null device."""
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

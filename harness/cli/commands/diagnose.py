"""`poolgate diagnose`: explain a pool failure in a traceback or log on stdin."""

from __future__ import annotations

import argparse
import sys

from ...answers.diagnose.answer import diagnose
from ...errors import Exit, UsageError
from ...formats.diagnose import to_text
from ...formats.format import to_json
from ...paths import results_root


def main(arguments: argparse.Namespace) -> Exit:
    """Read stdin and print the diagnosis; a terminal is rejected instead of read."""
    if sys.stdin.isatty():
        raise UsageError("stdin is empty: run `poolgate diagnose < app.log`, or pipe a traceback into it")
    answer = diagnose(sys.stdin.buffer, results_root(arguments.results))
    print(to_json(answer) if arguments.format == "json" else to_text(answer))
    return Exit.FINE

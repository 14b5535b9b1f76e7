"""`poolgate repro`: write a one-file script that reproduces a scenario on any machine."""

from __future__ import annotations

import argparse
import sys

from ...answers.repro.answer import repro
from ...errors import Exit
from ...formats.format import to_json
from ...paths import output_path, write_whole


def main(arguments: argparse.Namespace) -> Exit:
    """Print or write the script."""
    output = output_path(arguments.output) if arguments.output else None
    answer = repro(arguments.scenario, arguments.target)
    text = to_json(answer) + "\n" if arguments.format == "json" else answer.script
    if output:
        write_whole(output, text.encode())
    else:
        sys.stdout.write(text)
    return Exit.FINE

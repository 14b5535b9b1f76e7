"""`poolgate list`: list the scenarios, and the release lines of the catalogue."""

from __future__ import annotations

import argparse

from ...answers.list import ask
from ...errors import Exit
from ...formats.format import to_json
from ...formats.list import to_text


def main(arguments: argparse.Namespace) -> Exit:
    """Print scenarios and release lines."""
    answer = ask()
    print(to_json(answer) if arguments.format == "json" else to_text(answer))
    return Exit.FINE

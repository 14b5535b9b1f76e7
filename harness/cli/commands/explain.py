"""`poolgate explain`: compare a stored history with the ideal pool, in ten lines."""

from __future__ import annotations

import argparse

from ...answers.explain import explain, stored_history
from ...errors import Exit
from ...formats.explain import to_text
from ...formats.format import to_json
from ...protocol import history


def main(arguments: argparse.Namespace) -> Exit:
    """Print the comparison for a cell."""
    answer = explain(history.load(stored_history(arguments.cell)))
    print(to_json(answer) if arguments.format == "json" else to_text(answer, keys=arguments.keys))
    return Exit.FINE

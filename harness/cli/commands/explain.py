"""`poolgate explain`: compare a run of a cell with the ideal pool, in ten lines."""

from __future__ import annotations

import argparse
from pathlib import Path

from ...answers.explain import cell_of, explain, history_of
from ...errors import Exit
from ...formats.explain import to_text
from ...formats.format import to_json
from ...protocol import history


def main(arguments: argparse.Namespace) -> Exit:
    """Print the comparison for a cell."""
    asked = arguments.cell
    path = Path(asked) if asked.endswith(".jsonl") else history_of(cell_of(asked))
    answer = explain(history.load(path))
    print(to_json(answer) if arguments.format == "json" else to_text(answer, keys=arguments.keys))
    return Exit.FINE

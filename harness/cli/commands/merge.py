"""`poolgate merge`: ledgers of shards or machines into one. Runs nothing."""

from __future__ import annotations

import argparse
from pathlib import Path

from ...answers.merge import merge_answer
from ...errors import Exit
from ...formats.format import Format
from ...formats.merge import render
from ...paths import results_root


def main(arguments: argparse.Namespace) -> Exit:
    """Merge the ledgers and print what differs; the exit code is 3 if two of them contradict each other."""
    answer = merge_answer(results_root(arguments.results), [Path(words) for words in arguments.ledger])
    print(render(answer, Format(arguments.format)))
    return Exit.INCONCLUSIVE if answer.conflicts else Exit.FINE

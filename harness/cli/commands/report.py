"""`poolgate report`: print the grid of stored verdicts. Runs nothing, uses no network."""

from __future__ import annotations

import argparse
import sys

from ...answers.run import RunAnswer
from ...errors import Exit, NothingSelectedError
from ...formats.format import Format
from ...formats.run import render
from ...ledger.merged import cells_of, merged
from ...ledger.store import Ledger, shipped_ledger
from ...paths import output_path, results_root, write_whole


def main(arguments: argparse.Namespace) -> Exit:
    """Print or write the verdicts of the shipped ledger and your own."""
    output = output_path(arguments.output) if arguments.output else None
    shipped = [] if arguments.own else shipped_ledger().stacks
    own = [] if arguments.shipped else Ledger(results_root(arguments.results)).stacks
    stacks = merged(shipped, own)
    answer = RunAnswer(cells=cells_of(stacks))
    if not answer.cells:
        raise NothingSelectedError("no stored verdicts; run `poolgate run all --target httpx==0.28.1` first")
    text = render(answer, Format(arguments.format), keys=arguments.keys) + "\n"
    if output:
        write_whole(output, text.encode())
    else:
        sys.stdout.write(text)
    return Exit.FINE

"""`poolgate report`: the grid of stored verdicts. Nothing is run, no network is asked."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import msgspec
from packaging.version import Version

from ...cells.select import replay, undeclared, variant_name
from ...errors import Exit, NothingSelectedError
from ...formats.cell_text import Format
from ...formats.run import render
from ...ledger.stack import POOL_PACKAGES, SHIPPED, Entry, Ledger, Stack
from ...paths import output_path, results_root, write_whole
from ...targets.spec import commit_in, spec_of
from ...verdict.outcome import CellAnswer, RunAnswer
from ...verdict.words import Status

_COMMIT = "a commit: its command is for a clone that has it"


def main(arguments: argparse.Namespace) -> Exit:
    output = output_path(arguments.output) if arguments.output else None
    root = Path(arguments.results) if arguments.results else results_root()
    shipped = [] if arguments.own else Ledger(SHIPPED).stacks
    own = [] if arguments.shipped else Ledger(root).stacks
    stacks = merged(shipped, own)
    answer = RunAnswer(cells=cells_of(stacks))
    if not answer.cells:
        raise NothingSelectedError("there are no verdicts yet; `poolgate run all --target httpx==0.28.1` makes some")
    text = render(answer, Format(arguments.format)) + "\n"
    if output:
        write_whole(output, text.encode())
    else:
        sys.stdout.write(text)
    return Exit.FINE


def merged(shipped: list[Stack], own: list[Stack]) -> list[Stack]:
    """Both ledgers as one: where both know a cell, the user's own wins, but for a stale one over one that is not."""
    stacks = {stack.name: stack for stack in shipped}
    for stack in own:
        known = stacks.get(stack.name, stack)
        for entry in stack.cells:
            other = known.find(entry.scenario, entry.variant)
            if not entry.stale or other is None or other.stale:
                known = known.with_entry(entry, "")
        stacks[stack.name] = msgspec.structs.replace(known, releases=sorted({*known.releases, *stack.releases}))
    return list(stacks.values())


def cells_of(stacks: list[Stack]) -> list[CellAnswer]:
    """Every entry as a cell, in the order of families, releases and Pythons."""
    return [cell for _, cells in cells_by_stack(stacks) for cell in cells]


def cells_by_stack(stacks: list[Stack]) -> list[tuple[Stack, list[CellAnswer]]]:
    """Each stack with its entries as cells, in that order."""
    ordered = sorted(stacks, key=_order)
    return [(stack, [_cell(stack, entry) for entry in stack.cells]) for stack in ordered]


def _order(stack: Stack) -> tuple[int, list[Version], Version]:
    pool = [name for name in POOL_PACKAGES if name in stack.packages]
    return POOL_PACKAGES.index(pool[0]), [Version(stack.packages[name]) for name in pool], Version(stack.python)


def _cell(stack: Stack, entry: Entry) -> CellAnswer:
    line, _, release = next(iter(stack.releases), "").partition("==")
    name = variant_name(entry.scenario, entry.variant)
    fields = entry.fields()
    gone = undeclared(entry.scenario, entry.variant)
    other = gone or (f"stale ({entry.state.why}); run it again" if entry.stale else None)
    fields["notes"] = (
        *entry.notes,
        *([other] if other else []),
        *([_COMMIT] if commit_in(stack.packages) else []),
    )
    if entry.stale and entry.status is Status.PASS and not gone:
        fields |= {"status": Status.UNKNOWN, "reason": "it passed, and that verdict is stale"}
    return CellAnswer(
        **fields,
        target=spec_of(stack.packages),
        line=line or None,
        release=release or None,
        packages=stack.packages,
        python=entry.python,
        seconds=0.0,
        cached=True,
        replay=replay(name, spec_of(stack.packages, stack.python)),
        freshness=entry.state.freshness,
    )

"""Measure stored verdicts again, the oldest first: `python -m poolgate.maintenance.oldest --share S`.

It takes all stale verdicts, and the share S (0 to 1) of the qualified ones. `make evidence` begins with it, so that
fewer verdicts rest on requalifications with each release. A ledger has no dates: a verdict is as old as the first
requalification that its instrument needs; of two, the one that needs more parts is older.
"""

from __future__ import annotations

import argparse
import math
import sys
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from ..cells.cell import Cell
from ..cells.select import undeclared
from ..errors import Exit, PoolgateError
from ..ledger.freshness import Requalification, load_requalifications
from ..ledger.instruments import SHIPPED, Instruments, committed
from ..ledger.stack import Entry, Stack
from ..ledger.store import Ledger
from ..measurement.batch import default_jobs, run_cells
from ..measurement.settings import Settings
from ..scenarios import declared
from ..targets.parse import parse
from ..targets.spec import spec_of
from ..verdict.outcome import CellResult
from ..verdict.words import Freshness


class Old(NamedTuple):
    """A stored verdict that this release did not measure."""

    stack: Stack
    entry: Entry

    @property
    def cell(self) -> Cell:
        """The cell that measures it again."""
        spec = spec_of(self.stack.packages, self.stack.python)
        return Cell(declared()[self.entry.scenario], self.entry.variant, parse(spec))


def oldest(stacks: Iterable[Stack], instruments: Instruments, records: Sequence[Requalification]) -> list[Old]:
    """Return the verdicts that are not `same`: stale ones first, then qualified ones, the oldest first."""
    found = [
        Old(stack, entry)
        for stack in stacks
        for entry in stack.cells
        if entry.state.freshness is not Freshness.SAME and undeclared(entry.scenario, entry.variant) is None
    ]

    def age(old: Old) -> tuple[bool, int, int, str]:
        parts = old.entry.state.parts
        measured = instruments.instruments.get(old.entry.instrument, {})
        needed = (
            n
            for n, record in enumerate(records)
            if any(name in parts and measured.get(name) in change.before for name, change in record.parts.items())
        )
        return not old.entry.stale, next(needed, len(records)), -len(parts), old.stack.name

    return sorted(found, key=age)


def share_of(found: Sequence[Old], share: float) -> list[Old]:
    """Return all stale verdicts and a share of the qualified ones, rounded up."""
    stale = sum(old.entry.stale for old in found)
    return list(found[: stale + math.ceil(share * (len(found) - stale))])


def differences(chosen: Sequence[Old], measured: Sequence[CellResult]) -> list[str]:
    """Return a line for each verdict of which no new run has a stored key."""
    return [
        f"{old.cell.name} was {', '.join(sorted(old.entry.keys))} and is now {', '.join(sorted(result.keys))}"
        for old, result in zip(chosen, measured, strict=True)
        if result.keys and not {*result.keys} & {*old.entry.keys}
    ]


def main(words: list[str] | None = None) -> Exit:
    """Measure the oldest verdicts into `results/`, and print those that differ."""
    parser = argparse.ArgumentParser(prog="python -m poolgate.maintenance.oldest", description=__doc__)
    parser.add_argument("--share", type=_share, required=True, help="share of the qualified verdicts, from 0 to 1")
    parser.add_argument("--list", action="store_true", help="print the cells, oldest first, and measure nothing")
    arguments = parser.parse_args(words)
    try:
        ledger = Ledger(SHIPPED)
        chosen = share_of(oldest(ledger.stacks, committed(), load_requalifications()), arguments.share)
        if arguments.list:
            print("\n".join(f"{old.entry.state.freshness} {old.cell.name}" for old in chosen))
            return Exit.FINE
        measured = run_cells([old.cell for old in chosen], ledger, Settings(again=True), default_jobs())
    except PoolgateError as error:
        print(f"poolgate: {error}", file=sys.stderr)
        return error.exit_code
    print("\n".join([f"{len(measured)} verdicts are measured again", *differences(chosen, measured)]))
    return Exit.FINE


def _share(text: str) -> float:
    share = float(text)
    if not 0 <= share <= 1:
        raise argparse.ArgumentTypeError(f"{text} is not a share from 0 to 1")
    return share


if __name__ == "__main__":
    sys.exit(main())

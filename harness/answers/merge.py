"""The answer of `merge`: ledgers that several machines or shards filled, as one."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Literal

import msgspec

from ..cells.cell import variant_name
from ..ledger.stack import Entry
from ..ledger.union import Difference, merge_ledgers
from ..targets.spec import spec_of
from ..verdict.words import Status


class Side(msgspec.Struct, frozen=True, kw_only=True):
    """One of two verdicts about a cell, and the ledger that has it."""

    ledger: str
    status: Status
    key: str | None
    repeats: int


class Conflict(msgspec.Struct, frozen=True, kw_only=True):
    """A cell about which two ledgers differ; `kept` is the verdict with more runs, or the first one named."""

    cell: str
    kept: Side
    dropped: Side


class MergeAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """The answer of `merge`; `cells` are all that the ledger `into` has now, and `taken` those of other ledgers."""

    schema: Literal["poolgate/merge"] = "poolgate/merge"
    version: Literal[1] = 1
    into: str
    ledgers: list[str]
    cells: int
    stacks: int
    taken: int
    conflicts: list[Conflict]


def merge_answer(into: Path, roots: Sequence[Path]) -> MergeAnswer:
    """Merge ledgers into one, in place; raises UsageError or LedgerError, with every file as it was."""
    union = merge_ledgers(into, roots)
    return MergeAnswer(
        into=str(into),
        ledgers=[str(root) for root in roots],
        cells=len(union.origins),
        stacks=len(union.stacks),
        taken=sum(origin != into for origin in union.origins.values()),
        conflicts=[_conflict(each) for each in union.differences],
    )


def _conflict(difference: Difference) -> Conflict:
    kept, stack = difference.kept, difference.stack
    return Conflict(
        cell=f"{variant_name(kept.scenario, kept.variant)}@{spec_of(stack.packages, stack.python)}",
        kept=_side(kept, difference.kept_from),
        dropped=_side(difference.other, difference.other_from),
    )


def _side(entry: Entry, root: Path) -> Side:
    return Side(ledger=str(root), status=entry.status, key=entry.key, repeats=entry.repeats)

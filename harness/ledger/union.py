"""Ledgers merged into one: each cell once, and the cells about which they differ."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import msgspec

from ..cells.cell import variant_name
from ..errors import UsageError
from ..verdict.compare import JUDGED
from .instruments import Instruments, load_instruments, with_instrument, write_instruments
from .stack import Entry, Stack
from .store import Ledger


@dataclass(frozen=True, slots=True)
class Difference:
    """A cell of a stack with two verdicts, both judged and neither stale, and the ledger of each."""

    stack: Stack
    kept: Entry
    kept_from: Path
    other: Entry
    other_from: Path


@dataclass(slots=True)
class Union:
    """The stacks of several ledgers by file name, and the ledger that each cell is taken from."""

    stacks: dict[str, Stack] = field(default_factory=dict)
    origins: dict[str, Path] = field(default_factory=dict)
    differences: list[Difference] = field(default_factory=list)

    def add(self, ledger: Ledger) -> None:
        """Add a ledger. Of two entries of one cell the better is kept, the earlier one where none is better."""
        for stack in ledger.stacks:
            known = self.stacks.get(stack.name, msgspec.structs.replace(stack, cells=[]))
            for entry in stack.cells:
                known = self._with(known, entry, ledger.root)
            releases = sorted({*known.releases, *stack.releases})
            self.stacks[stack.name] = msgspec.structs.replace(known, releases=releases)

    def _with(self, stack: Stack, entry: Entry, root: Path) -> Stack:
        before = stack.find(entry.scenario, entry.variant)
        cell = f"{stack.name} {variant_name(entry.scenario, entry.variant)}"
        origin = self.origins.setdefault(cell, root)
        better = before is None or _worth(entry) > _worth(before)
        if before is not None and _differ(before, entry):
            kept, other = ((entry, root), (before, origin)) if better else ((before, origin), (entry, root))
            self.differences.append(Difference(stack, *kept, *other))
        if better:
            self.origins[cell] = root
        return stack.with_entry(entry, "") if better else stack


def merge_ledgers(into: Path, roots: Sequence[Path]) -> Union:
    """Merge ledgers into one, in place, and return what it has then; every file is read before the first is written.

    Raises UsageError for a folder that is not a ledger, and LedgerError for a file that can't be read or written.
    """
    for root in roots:
        if not (root / "stacks").is_dir():
            raise UsageError(f"{root} is not a ledger: it has no folder `stacks`; name what --results named")
    sources = [Ledger(root) for root in roots]
    with Ledger(into).locked():
        union = Union()
        destination = Ledger(into)
        for ledger in (destination, *sources):
            union.add(ledger)
        if instruments := _instruments([into, *roots], union):
            write_instruments(into, instruments)
        for stack in union.stacks.values():
            destination.write(stack)
    return union


def _instruments(roots: list[Path], union: Union) -> Instruments | None:
    """Return the instruments of the first ledger, and of the others those that a cell names."""
    used = {entry.instrument for stack in union.stacks.values() for entry in stack.cells}
    found = load_instruments(roots[0])
    for known in filter(None, map(load_instruments, roots[1:])):
        for name in (used & known.instruments.keys()) - (found.instruments.keys() if found else set()):
            found = with_instrument(found, name, known.instruments[name])
    return found


def _worth(entry: Entry) -> tuple[bool, bool, int]:
    """Return what makes an entry better than another: it is not stale, it is judged, it has more runs."""
    return not entry.stale, entry.status in JUDGED, entry.repeats


def _differ(kept: Entry, other: Entry) -> bool:
    """Return whether two verdicts contradict each other."""
    counts = all(entry.status in JUDGED and not entry.stale for entry in (kept, other))
    return counts and (kept.status, kept.key) != (other.status, other.key)

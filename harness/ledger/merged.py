"""The shipped and the user's ledger as one, and their entries as cells."""

from __future__ import annotations

import msgspec
from packaging.version import Version

from ..catalogue.packages import PACKAGES
from ..cells.cell import variant_name
from ..cells.commands import replay
from ..cells.select import undeclared
from ..targets.spec import commit_in, spec_of
from ..verdict.outcome import CellResult
from ..verdict.words import Status
from .chance import Chance, chance_in
from .stack import Entry, Stack

_COMMIT = "a commit: its command is for a clone that has it"


def merged(shipped: list[Stack], own: list[Stack]) -> list[Stack]:
    """Return both ledgers as one. A user's own cell replaces a shipped one, unless only the user's is stale."""
    stacks = {stack.name: stack for stack in shipped}
    for stack in own:
        known = stacks.get(stack.name, stack)
        for entry in stack.cells:
            other = known.find(entry.scenario, entry.variant)
            if not entry.stale or other is None or other.stale:
                known = known.with_entry(entry, "")
        stacks[stack.name] = msgspec.structs.replace(known, releases=sorted({*known.releases, *stack.releases}))
    return list(stacks.values())


def cells_of(stacks: list[Stack]) -> list[CellResult]:
    """Return every entry as a cell, in the order of families, releases and Pythons."""
    return [cell for _, cells in cells_by_stack(stacks) for cell in cells]


def cells_by_stack(stacks: list[Stack], chance: Chance | None = None) -> list[tuple[Stack, list[CellResult]]]:
    """Return each stack with its entries as cells, in the order of families, releases and Pythons.

    What chance decides is found in these stacks; some of a ledger's stacks are given the `chance` of the whole.
    """
    ordered, by = sorted(stacks, key=_order), chance or chance_in(stacks)
    return [(stack, [_cell(stack, entry, by) for entry in stack.cells]) for stack in ordered]


def _order(stack: Stack) -> tuple[int, list[Version], Version]:
    pool = [name for name in PACKAGES if name in stack.packages]
    return PACKAGES.index(pool[0]), [Version(stack.packages[name]) for name in pool], Version(stack.python)


def _cell(stack: Stack, entry: Entry, chance: Chance) -> CellResult:
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
    return CellResult(
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
        chance=chance.decides(stack.packages, entry.scenario, entry.variant) or msgspec.UNSET,
    )

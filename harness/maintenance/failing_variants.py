"""`python -m poolgate.maintenance.failing_variants` prints each scenario variant that fails on a shipped stack.

`make evidence` measures them on the newest releases: only a target that is judged on all findings can be recommended.
"""

from __future__ import annotations

from collections.abc import Iterable

from ..cells.cell import variant_name
from ..cells.select import undeclared
from ..ledger.instruments import SHIPPED
from ..ledger.stack import Stack
from ..ledger.store import Ledger
from ..verdict.compare import FAILING


def failing_variants(stacks: Iterable[Stack]) -> list[str]:
    """Return the names of the declared scenario variants that fail on at least one stack, sorted."""
    failing = {
        variant_name(cell.scenario, cell.variant)
        for stack in stacks
        for cell in stack.cells
        if cell.status in FAILING and undeclared(cell.scenario, cell.variant) is None
    }
    return sorted(failing)


if __name__ == "__main__":
    print("\n".join(failing_variants(Ledger(SHIPPED).stacks)))

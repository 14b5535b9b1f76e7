"""`python -m poolgate.maintenance.instruments` writes results/instruments.json: the instrument of this release.

Its parts are computed from the sources and from the versions of the server's libraries in `constraints.txt`. The
instruments of stored verdicts are kept; the others are removed. It also writes what is worked out beforehand:
results/freshness.json, the state of each shipped verdict that another instrument measured, and the groups of variants.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import msgspec

from ..cells.declared_variants import declared_variants
from ..cells.variants import FILE
from ..ledger.freshness import Judge
from ..ledger.instruments import (
    SHIPPED,
    Instruments,
    Parts,
    committed,
    load_instruments,
    name_of,
    parts_for,
    sources_digest,
    write_instruments,
)
from ..ledger.parts import LIBRARIES, adapter_of
from ..ledger.shipped_states import State, cell_key, write_states
from ..ledger.stack import load_stack

CONSTRAINTS = Path("constraints.txt")


def constrained(text: str) -> Parts:
    """Return the versions of the server's libraries in a file of constraints; raises KeyError where one is missing."""
    pins = dict(re.findall(r"^([A-Za-z0-9_.-]+)==(\S+)", text, flags=re.MULTILINE))
    return {f"library:{name}": pins[name] for name in LIBRARIES}


def instruments_of(known: Instruments | None, used: set[str], text: str) -> Instruments:
    """Return the current instrument of a release, and those of the `known` ones that stored verdicts use."""
    parts = parts_for(constrained(text))
    kept = {name: parts for name, parts in (known.instruments if known else {}).items() if name in used}
    current = name_of(parts)
    return Instruments(current=current, sources=sources_digest(), instruments={**kept, current: parts})


def main() -> None:
    """Write results/instruments.json."""
    used = {cell.instrument for path in (SHIPPED / "stacks").glob("*.json") for cell in load_stack(path).cells}
    written = instruments_of(load_instruments(SHIPPED), used, CONSTRAINTS.read_text())
    write_instruments(SHIPPED, written)
    committed.cache_clear()
    write_states(written.current, states())
    FILE.write_bytes(variants())


def variants() -> bytes:
    """Return the bytes of the file with the groups and uses of all scenario variants."""
    return msgspec.json.format(msgspec.json.encode(declared_variants()), indent=1) + b"\n"


def states() -> Iterator[tuple[str, str, State]]:
    """Yield the state of each verdict that ships and that the current instrument did not measure."""
    judge = Judge(SHIPPED, worked_out=False)
    for path in sorted((SHIPPED / "stacks").glob("*.json")):
        stack = load_stack(path)
        for cell in stack.cells:
            if cell.instrument != committed().current:
                key = cell_key(cell.scenario, cell.variant, adapter_of(stack.packages))
                yield cell.instrument, key, judge.state(cell.instrument, cell.scenario, cell.variant, stack.packages)


if __name__ == "__main__":
    main()

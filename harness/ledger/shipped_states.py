"""The freshness of the verdicts that ship, worked out beforehand: `results/freshness.json`.

With it a command that only reads verdicts does not load the declarations of all scenarios. `make instruments` writes
it. A file about another instrument or other requalifications is not used: the freshness is worked out anew.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path
from typing import Literal

import msgspec

from ..paths import write_whole
from ..verdict.words import Freshness
from .instruments import SHIPPED

FILE = "freshness.json"
REQUALIFICATIONS = SHIPPED / "requalifications"


class State(msgspec.Struct, frozen=True, kw_only=True):
    """The freshness of one verdict; `parts` are the changed ones that it is not `same` for, `why` in words."""

    freshness: Freshness
    parts: tuple[str, ...] = ()
    why: str | None = None


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """Cells that one instrument measured and that have one state, each as `cell_key` names it."""

    instrument: str
    state: State
    cells: list[str]


class ShippedStates(msgspec.Struct, frozen=True, kw_only=True):
    """The whole file, for one current instrument and the requalifications of one digest."""

    schema: Literal["poolgate/freshness"] = "poolgate/freshness"
    version: Literal[1] = 1
    current: str
    requalifications: str
    rows: list[Row]


def cell_key(scenario: str, variant: dict[str, str], adapter: str) -> str:
    """Return what the freshness of a verdict depends on besides its instrument."""
    return " ".join((adapter, scenario, *(f"{name}={value}" for name, value in sorted(variant.items()))))


def load_states(current: str, root: Path = SHIPPED) -> dict[tuple[str, str], State]:
    """Return the states by instrument and cell key; none where the file is missing, broken or about something else."""
    try:
        known = msgspec.json.decode((root / FILE).read_bytes(), type=ShippedStates)
    except (OSError, msgspec.DecodeError):
        return {}
    if (known.current, known.requalifications) != (current, requalifications_digest()):
        return {}
    return {(row.instrument, cell): row.state for row in known.rows for cell in row.cells}


def write_states(current: str, states: Iterable[tuple[str, str, State]], root: Path = SHIPPED) -> None:
    """Write the states, each with its instrument and cell key, sorted."""
    grouped: defaultdict[tuple[str, State], set[str]] = defaultdict(set)
    for instrument, cell, state in states:
        grouped[instrument, state].add(cell)
    rows = [Row(instrument=one, state=state, cells=sorted(cells)) for (one, state), cells in grouped.items()]
    rows.sort(key=lambda row: (row.instrument, row.state.parts, row.cells))
    written = ShippedStates(current=current, requalifications=requalifications_digest(), rows=rows)
    write_whole(root / FILE, msgspec.json.format(msgspec.json.encode(written), indent=1) + b"\n")


def requalifications_digest() -> str:
    """Return a digest of all recorded requalifications."""
    recorded = (path.read_bytes() for path in sorted(REQUALIFICATIONS.glob("*.json")))
    return hashlib.sha256(b"\0".join(recorded)).hexdigest()[:12]

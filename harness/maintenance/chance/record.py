"""The file of measured gates, `results/chance/gates.json`: each with the figures of every block of runs."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import msgspec

from ...errors import PoolgateError
from ...ledger.instruments import SHIPPED
from ...measurement.paired import Comparison
from ...paths import write_whole
from ...verdict.compare import Change

FILE = SHIPPED / "chance" / "gates.json"

Figures = tuple[int, int, int]
"""A block: its pairs, and the runs of base and of head that fail."""


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """A scenario variant of one gate, with what decided it; `blocks` are in the order in which they ended."""

    scenario: str
    change: Change
    pairs: int
    only_base: int
    only_head: int
    unseen: int | None
    seconds: float
    blocks: list[Figures]


class Gate(msgspec.Struct, frozen=True, kw_only=True):
    """One measured gate: of a target with itself, or of two; `busy` loops ran in parallel. The budget is in seconds."""

    base: str
    head: str
    number: int
    busy: int
    budget: float
    among: int
    seed: int
    rows: list[Row]

    @property
    def itself(self) -> bool:
        """Return whether both sides are the same target."""
        return self.base == self.head


class Gates(msgspec.Struct, kw_only=True):
    """All measured gates, and the command that measured them."""

    schema: Literal["poolgate/chance"] = "poolgate/chance"
    version: Literal[1] = 1
    command: str = "make chance-evidence"
    gates: list[Gate] = []


def row_of(comparison: Comparison) -> Row:
    """Return the figures of a comparison."""
    return Row(
        scenario=comparison.scenario,
        change=comparison.change,
        pairs=comparison.pairs,
        only_base=comparison.only_base,
        only_head=comparison.only_head,
        unseen=comparison.unseen,
        seconds=comparison.seconds,
        blocks=[(runs, base, head) for (base, runs), (head, _) in comparison.blocks],
    )


def load_gates(path: Path = FILE) -> Gates:
    """Read the file; no gates where there is none. Raises PoolgateError with its name."""
    try:
        return msgspec.json.decode(path.read_bytes(), type=Gates) if path.exists() else Gates()
    except (OSError, msgspec.DecodeError) as error:
        raise PoolgateError(f"{path} can't be read ({error}): restore it") from None


def store_gates(gates: Gates, path: Path = FILE) -> None:
    """Write the file, one block a line."""
    write_whole(path, msgspec.json.format(msgspec.json.encode(gates), indent=1) + b"\n")

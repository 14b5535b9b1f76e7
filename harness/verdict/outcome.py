"""The outcome of a cell, as it is stored and reported."""

from __future__ import annotations

from typing import Any, Literal

import msgspec

from ..cells.cell import variant_name
from .judgement import ContentionCost, Point, Slots
from .rate import Rate
from .words import After, Burst, Freshness, Status


class CellOutcome(msgspec.Struct, frozen=True, kw_only=True):
    """The outcome of the runs of one cell, as it is kept in a ledger.

    `keys` counts the runs by their key; `slots`, `outcomes` and `notes` are of the run that decided. `rate` is that of
    failing runs, where they differ. `points` are the leaking ones of a sweep that `covered` so many in all.
    """

    scenario: str
    variant: dict[str, str]
    status: Status
    burst: Burst | None = None
    after: After | None = None
    key: str | None = None
    keys: dict[str, int] = {}
    rate: Rate | None = None
    slots: Slots | None = None
    outcomes: dict[str, int] = {}
    expected: dict[str, int] = {}
    notes: tuple[str, ...] = ()
    points: list[Point] | None = None
    covered: int | None = None
    cost: ContentionCost | None = None
    repeats: int = 0
    blocks: list[tuple[int, int]] | msgspec.UnsetType = msgspec.UNSET
    """The failed runs and all runs of each block of a cell that chance decides; absent for every other cell."""
    reason: str | None = None

    @property
    def in_blocks(self) -> list[tuple[int, int]]:
        """Return the blocks; none where the runs were not grouped."""
        return self.blocks or []

    @property
    def by_chance(self) -> bool:
        """Return whether chance decides the cell: its runs fail in part, or were grouped in blocks for that reason."""
        return self.status is Status.FLAKY or bool(self.in_blocks)

    def fields(self) -> dict[str, Any]:
        """Return the fields of an outcome by name, without those that a subclass adds."""
        return {name: getattr(self, name) for name in CellOutcome.__struct_fields__}


class CellResult(CellOutcome, frozen=True, kw_only=True):
    """A cell of a run: an outcome, the target it was measured on, and the command that measures it again.

    `line` and `release` are None off a line; `seconds` is the time that the measurement took, 0 where the verdict was
    taken from the user's own ledger (`cached`). `freshness` states whether this release would measure the same.
    """

    target: str
    line: str | None
    release: str | None
    packages: dict[str, str]
    python: str | None
    seconds: float
    cached: bool
    replay: str
    freshness: Freshness = Freshness.SAME
    chance: Literal[True] | msgspec.UnsetType = msgspec.UNSET
    """Present where chance decides the scenario variant, on this release or on others of the family."""
    over: str | msgspec.UnsetType = msgspec.UNSET
    """Present where another package has the pool of a user's own client: `httpx 0.28.1 over aiohttp 3.14.5`."""

    @property
    def by_chance(self) -> bool:
        """Return whether chance decides the cell, by its own runs or by those of its family.

        Blocks alone do not show it: a release that is compared with another family may have them too.
        """
        return self.chance is True or self.status is Status.FLAKY


def name_of(cell: CellResult) -> str:
    """Return the name of a cell's scenario variant."""
    return variant_name(cell.scenario, cell.variant)

"""What one run of a cell comes to."""

from __future__ import annotations

import msgspec

from .contention import Cost
from .slots import Slots
from .words import After, Burst, Status


class Point(msgspec.Struct, frozen=True, kw_only=True):
    """A leaking point of a cancellation sweep: `site` is the client's function that was cancelled where it waited.

    `step` is the number of the moment in the sweep that found it; it moves from run to run. `pool` is what the pool
    said of itself when a slot was missing, where the release offers a view (it names addresses: those move, too).
    """

    style: str
    situation: str
    backend: str
    site: str
    step: int
    lost: int
    pool: str | None = None

    @property
    def place(self) -> tuple[str, str, str, str]:
        """What is the same in every sweep."""
        return self.style, self.situation, self.backend, self.site


class Judgement(msgspec.Struct, frozen=True, kw_only=True):
    """What one run of a cell comes to. Without `burst` and `after` the `reason` says why there is no verdict.

    `late` tells that the machine was too slow: the same run with a longer unit may be judged. `refused` tells that the
    load which the scenario declares is not the one that was run. `points` and `covered` are a sweep's: the leaking
    ones, and how many there are in all.
    """

    status: Status
    burst: Burst | None = None
    after: After | None = None
    key: str | None = None
    slots: Slots | None = None
    outcomes: dict[str, int] = {}
    expected: dict[str, int] = {}
    notes: tuple[str, ...] = ()
    points: list[Point] | None = None
    covered: int | None = None
    cost: Cost | None = None
    reason: str | None = None
    late: bool = False
    refused: bool = False

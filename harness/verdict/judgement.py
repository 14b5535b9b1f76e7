"""The judgement of one run of a cell. Loads nothing that judges: readers of verdicts need only this."""

from __future__ import annotations

import msgspec

from .words import After, Burst, Status


class Point(msgspec.Struct, frozen=True, kw_only=True):
    """A leaking point of a cancellation sweep: `site` is the client's function that was cancelled where it waited.

    `step` is the number of the moment in the sweep that found it; it differs from run to run. `pool` is the
    pool's own view when a slot was missing, where the release offers one (it names addresses: those differ, too).
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
        """Return what is the same in every sweep."""
        return self.style, self.situation, self.backend, self.site


class Judgement(msgspec.Struct, frozen=True, kw_only=True):
    """The judgement of one run of a cell. Without `burst` and `after` the `reason` states why there is no verdict.

    `late`: the machine was too slow, the same run with a longer unit may be judged. `refused`: the load that the
    scenario declares is not the one that was run. `points` and `covered` are a sweep's: the leaking
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
    cost: ContentionCost | None = None
    reason: str | None = None
    late: bool = False
    refused: bool = False


class ContentionCost(msgspec.Struct, frozen=True, kw_only=True):
    """The growth of cost from the smallest to the largest burst, in `tasks`; with one decimal, as runs differ more.

    `exponent` is that of a burst's processor time over its tasks, with its 95% interval. `ratio` is the cost of a
    request in the largest burst divided by its cost alone.
    """

    exponent: float
    low: float
    high: float
    ratio: float
    tasks: tuple[int, int]

    def __str__(self) -> str:
        return (
            f"processor time grows from {self.tasks[0]} to {self.tasks[1]} tasks with the exponent {self.exponent:g} "
            f"(95% interval {self.low:g} to {self.high:g}); a request of the largest crowd costs {self.ratio:g} times "
            "one that is alone"
        )


class Slots(msgspec.Struct, frozen=True):
    """Counted slots, or their streams where a connection's are few.

    `usable_first` half a unit after the load, `usable_final` after keep-alive expiry.
    """

    limit: int
    usable_first: int
    usable_final: int

"""How often one run is tried, and how: a late machine gives more time for each unit, a crowded one less company."""

from __future__ import annotations

SLOWER = 5
"""Units that a run is tried with on a machine that is late, each twice the one before."""
CROWDED = 3
"""Attempts beside other cells that are late on a busy machine, after which a run goes alone, and as fast as ever."""
FAILED = 2
"""Attempts that fail for another reason than lateness: more time does not help those."""


class Attempts:
    """The attempts at one run. `doubled` is how often the unit of the next one is doubled."""

    def __init__(self, doubled: int = 0) -> None:
        self.doubled = doubled
        self.made = 0
        self._crowded = 0
        self._failed = 0

    @property
    def left(self) -> bool:
        """Whether another one is worth it."""
        return self.doubled < SLOWER and self._failed < FAILED

    @property
    def alone(self) -> bool:
        """Whether the next one should have the machine to itself."""
        return self._crowded >= CROWDED

    def learn(self, *, late: bool, busy: bool) -> None:
        """What became of the last one: it was late, or failed otherwise, on a machine that was busy or was not."""
        self.made += 1
        self.doubled += 1
        self._failed += not late
        self._crowded += late and busy
        if late and busy and self._crowded == CROWDED:
            self.doubled = 0

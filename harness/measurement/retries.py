"""How often one run is tried: on a slow machine with a longer unit, on a busy machine without parallel runs."""

from __future__ import annotations

SLOWER = 5
"""Units that a run is tried with on a slow machine, each twice the one before."""
SHARED = 3
"""Late attempts on a busy machine, after which a run goes alone and starts with the shortest unit again."""
FAILED = 2
"""Attempts that fail for another reason than lateness: a longer unit does not help those."""


class RetryPolicy:
    """The attempts at one run; the unit of the next attempt is doubled `doubled` times."""

    def __init__(self, doubled: int = 0) -> None:
        self.doubled = doubled
        self.made = 0
        self._late_and_busy = 0
        self._failed = 0

    @property
    def left(self) -> bool:
        """Whether another attempt can help."""
        return self.doubled < SLOWER and self._failed < FAILED

    @property
    def exclusive(self) -> bool:
        """Whether the next attempt goes alone."""
        return self._late_and_busy >= SHARED

    def learn(self, *, late: bool, busy: bool) -> None:
        """Record the last attempt: late or failed otherwise, on a machine whose CPU was busy or not."""
        self.made += 1
        self.doubled += 1
        self._failed += not late
        self._late_and_busy += late and busy
        if late and busy and self._late_and_busy == SHARED:
            self.doubled = 0

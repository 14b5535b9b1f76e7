"""The unit that a machine bears: where most runs are late with it, those that follow begin with a longer one.

A run that is late is done again with twice the unit, and what it cost is lost. On a machine that is steadily late, such
as a shared one whose host is busy, every run would lose its first attempt.
"""

from __future__ import annotations

import threading
from collections import deque

SEEN = 8
"""First attempts by which it is known whether the machine bears a unit."""
STEADY = 4
"""How many times as many, all in time, it takes to try the shorter one again."""
LONGEST = 2
"""Doublings that runs begin with at most; who is late then is no matter of the machine alone."""


class Stretch:
    """How often the unit is doubled for a first attempt, by what became of those before."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._doubled = 0
        self._late: deque[bool] = deque(maxlen=SEEN * STEADY)

    @property
    def doubled(self) -> int:
        """Doublings to begin with."""
        return self._doubled

    def learn(self, doubled: int, late: bool) -> None:
        """What became of a first attempt that began with so many doublings; those of another time say nothing."""
        with self._lock:
            if doubled != self._doubled:
                return
            self._late.append(late)
            if sum([*self._late][-SEEN:]) > SEEN // 2:
                self._turn(min(LONGEST, doubled + 1))
            elif doubled and len(self._late) == SEEN * STEADY and not any(self._late):
                self._turn(doubled - 1)

    def _turn(self, doubled: int) -> None:
        self._doubled = doubled
        self._late.clear()

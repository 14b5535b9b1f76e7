"""Adapts the time unit to the machine: when most runs are late, later runs start with a longer unit.

A late run is repeated with twice the unit, and its time is lost. On a machine that is always late, such as a shared one
whose host is busy, every run would lose its first attempt.
"""

from __future__ import annotations

import threading
from collections import deque

SEEN = 8
"""First attempts that decide whether the machine bears a unit."""
STEADY = 4
"""How many times as many attempts have to be in time before a shorter unit is tried again."""
LONGEST = 2
"""Doublings that runs start with at most: more would not be a matter of the machine alone."""


class AdaptiveUnit:
    """How often the unit is doubled for a first attempt, by the lateness of earlier first attempts."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._doubled = 0
        self._late: deque[bool] = deque(maxlen=SEEN * STEADY)

    @property
    def doubled(self) -> int:
        """Doublings for a first attempt."""
        return self._doubled

    def learn(self, doubled: int, late: bool) -> None:
        """Record a first attempt; one that started with other doublings than today's is ignored."""
        with self._lock:
            if doubled != self._doubled:
                return
            self._late.append(late)
            if sum([*self._late][-SEEN:]) > SEEN // 2:
                self._change(min(LONGEST, doubled + 1))
            elif doubled and len(self._late) == SEEN * STEADY and not any(self._late):
                self._change(doubled - 1)

    def _change(self, doubled: int) -> None:
        self._doubled = doubled
        self._late.clear()

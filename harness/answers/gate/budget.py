"""The time that a gate may spend on measuring."""

from __future__ import annotations

import time


class Budget:
    """A number of seconds that runs from its construction; 0 allows no measurement at all."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self._end = time.monotonic() + seconds

    @property
    def over(self) -> bool:
        """Return whether nothing more is begun."""
        return time.monotonic() >= self._end

    @property
    def reason(self) -> str:
        """Return why something was not measured."""
        if not self.seconds:
            return "not in the ledgers, and --budget 0 measures nothing"
        return f"not in the ledgers, and the budget of {self.seconds:g} s was used up"

"""The time that a gate may spend on measuring."""

from __future__ import annotations

import time

USUAL = 60
"""The seconds of a budget that is not named."""


class Budget:
    """A number of seconds that runs from its construction; 0 allows no measurement at all.

    With a `named` budget also those cells are measured whose stored runs leave the comparison to chance.
    """

    def __init__(self, seconds: float | None = None, impossible: str = "") -> None:
        """Begin the time; `impossible` is why nothing can be measured at all, with a budget of 0."""
        self.named = seconds is not None
        self._impossible = impossible
        self.seconds = USUAL if seconds is None else seconds
        self._end = time.monotonic() + self.seconds

    @property
    def left(self) -> float:
        """Return the seconds that are left."""
        return max(0.0, self._end - time.monotonic())

    @property
    def over(self) -> bool:
        """Return whether nothing more is begun."""
        return not self.left

    @property
    def reason(self) -> str:
        """Return why something was not measured."""
        if self._impossible:
            return f"not in the ledgers, and {self._impossible}"
        if not self.seconds:
            return "not in the ledgers, and --budget 0 measures nothing"
        return f"not in the ledgers, and the budget of {self.seconds:g} s was used up"

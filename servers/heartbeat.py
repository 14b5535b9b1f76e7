"""Notice when the server itself was slow, so that a slow machine is never mistaken for a slow client.

A beat is a `call_at`: it adds no task, and it is late exactly when the loop could not run, for whatever reason.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

INTERVAL = 0.02
"""Seconds from one beat to the next; an event early in between was late by up to this much more than the beat."""

TOLERANCE = 0.02
"""Seconds that a beat may be late before it is reported."""


class Heartbeat:
    """A timer that calls `stalled(late, gap, cpu)`: a beat's lateness, and the time and processor time since the
    previous beat.

    All in seconds. Needs a running loop.
    """

    def __init__(self, stalled: Callable[[float, float, float], None]) -> None:
        self._stalled = stalled
        self._loop = asyncio.get_running_loop()
        self._plan()

    def stop(self) -> None:
        """Stop beating."""
        self._timer.cancel()

    def _plan(self) -> None:
        self._cpu = time.process_time()
        self._due = self._loop.time() + INTERVAL
        self._timer = self._loop.call_at(self._due, self._beat)

    def _beat(self) -> None:
        late = self._loop.time() - self._due
        if late > TOLERANCE:
            self._stalled(late, late + INTERVAL, time.process_time() - self._cpu)
        self._plan()

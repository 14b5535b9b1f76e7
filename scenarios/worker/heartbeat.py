"""Notices when the worker's event loop is late, and how much processor time went by meanwhile.

Lateness with the processor busy is the client that blocks its own loop, a finding; lateness with the processor idle is
the machine. The heartbeat is a `call_at`: it adds neither a task nor a suspension.
"""

import asyncio
import time

from .recorder import Recorder

BEATS_PER_UNIT = 4
WORTH_TELLING = 0.1
"""Units of lateness below which nothing is recorded."""


class Heartbeat:
    def __init__(self, loop: asyncio.AbstractEventLoop, record: Recorder, unit: float) -> None:
        self._loop = loop
        self._record = record
        self._unit = unit

    def start(self) -> None:
        """Beat until told to stop."""
        self._cpu = time.process_time()
        self._due = self._loop.time() + self._unit / BEATS_PER_UNIT
        self._handle = self._loop.call_at(self._due, self._beat)

    def stop(self) -> None:
        """Take the pending beat back; a beat that is due already and late is told first."""
        self._handle.cancel()
        self._tell()

    def _beat(self) -> None:
        self._tell()
        self.start()

    def _tell(self) -> None:
        late = self._loop.time() - self._due
        if late > WORTH_TELLING * self._unit:
            gap = late + self._unit / BEATS_PER_UNIT
            self._record("stalled", late=late, gap=gap, cpu=time.process_time() - self._cpu)

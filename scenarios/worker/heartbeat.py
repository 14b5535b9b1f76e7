"""Notice when the worker's event loop is late, and how much processor time passed meanwhile.

Lateness with a busy processor is a client that blocks its own loop, a finding; lateness with an idle processor is the
machine. On asyncio the heartbeat is a timer: it adds neither a task nor a suspension.
"""

import time

from .backends.base import Way
from .recorder import Recorder

BEATS_PER_UNIT = 4
WORTH_TELLING = 0.1
"""Units of lateness below which nothing is recorded."""


class Heartbeat:
    def __init__(self, way: Way, record: Recorder, unit: float) -> None:
        self._way = way
        self._record = record
        self._unit = unit

    def start(self) -> None:
        """Beat until `stop` is called."""
        self._cpu = time.process_time()
        self._due = time.monotonic() + self._unit / BEATS_PER_UNIT
        self._take_back = self._way.call_later(self._unit / BEATS_PER_UNIT, self._beat)

    def stop(self) -> None:
        """Cancel the pending beat; record a beat that is already late first."""
        self._take_back()
        self._tell()

    def _beat(self) -> None:
        self._tell()
        self.start()

    def _tell(self) -> None:
        late = time.monotonic() - self._due
        if late > WORTH_TELLING * self._unit:
            gap = late + self._unit / BEATS_PER_UNIT
            self._record("stalled", late=late, gap=gap, cpu=time.process_time() - self._cpu)

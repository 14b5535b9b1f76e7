"""Write the history: JSON lines on a descriptor of its own, apart from everything that the client prints."""

import json
import os
import time
from typing import Any, Optional


def now() -> int:
    """Return CLOCK_MONOTONIC in nanoseconds, the clock that every process of a cell reads (3.6 has no monotonic_ns)."""
    return int(time.clock_gettime(time.CLOCK_MONOTONIC) * 1e9)


class Recorder:
    """A writer of records; each is written whole and at once, so that a worker that dies has recorded everything
    before.
    """

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._seq = 0

    def __call__(self, kind: str, request: Optional[str] = None, **data: Any) -> None:
        record = {"seq": self._seq, "t": now(), "source": "worker", "kind": kind, "request": request, "data": data}
        self._seq += 1
        line = json.dumps(record).encode("ascii") + b"\n"
        while line:
            line = line[os.write(self._descriptor, line) :]

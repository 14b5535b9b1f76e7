"""Whether the machine is late, and another try with a longer unit."""

from __future__ import annotations

import os
import sys
import time

from .facts import TRY, UNIT

waits: list[float] = []  # seconds by which each beat was late, without those in which this process worked


def beat() -> None:
    """A client that blocks its own loop takes processor time; a machine that is late gives none."""
    while True:
        begun, worked = time.monotonic(), time.process_time()
        time.sleep(UNIT / 20)
        waits.append(max(0.0, time.monotonic() - begun - UNIT / 20 - (time.process_time() - worked)))


def was_late() -> bool:
    """Return whether one beat since the last call was late by a fifth of a unit, or all by a little."""
    time.sleep(UNIT / 10)  # the beat that is under way ends
    found = waits[:] or [UNIT]
    waits.clear()
    return max(found) > UNIT / 5 or sum(found) > len(found) * UNIT / 100


def again() -> None:
    """Start with twice the unit, three times at most: lateness is not a defect of the client."""
    if TRY < 4 and os.path.isfile(sys.argv[0]):
        print("this machine was late; the next try has a unit of %g seconds" % (2 * UNIT), file=sys.stderr, flush=True)
        os.execv(sys.executable, [sys.executable, sys.argv[0], str(2 * UNIT), str(TRY + 1)])
    print("too slow to tell; run with a longer unit: %s %g" % (sys.argv[0], 2 * UNIT), flush=True)
    os._exit(3)

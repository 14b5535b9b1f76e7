"""Elbow room: as many runs go side by side as the machine bears, and one that found it late may ask to go alone."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Iterator

import psutil

BUSY = 70.0
"""Per cent of the processors' time as of which a crowd may be why somebody was late. What a host steals counts too."""
IDLE = 50.0
"""Per cent below which there is room for more, whatever was found before."""
QUIET = 25.0
"""Per cent below which a machine is as good as one's own: who is still inside waits for something."""
LOOK = 1.0
"""Seconds between two looks at whether a machine idles on which somebody waits for a place."""


@contextlib.contextmanager
def watched() -> Iterator[list[bool]]:
    """Whether the processors were busy within the block, told in the end; who is late without that is late alone.

    Threads that wait for each other are late on an idle machine too, and to make room for them helps nobody.
    """
    told: list[bool] = []
    psutil.cpu_percent()  # It counts from here on, for this thread.
    try:
        yield told
    finally:
        told.append(psutil.cpu_percent() >= BUSY)


class Pace:
    """Lets one through after another, `apart` seconds from each other.

    A run costs the most as it begins; those that begin together would make each other late.
    """

    def __init__(self, apart: float) -> None:
        self._apart = apart
        self._lock = threading.Lock()
        self._next = 0.0

    def wait(self) -> None:
        """Come back when it is one's turn."""
        with self._lock:
            now = time.monotonic()
            turn = max(now, self._next)
            self._next = turn + self._apart
        time.sleep(turn - now)


class Crowd:
    """Many may be inside `beside` at once; who is inside `alone` has the machine to itself. Nobody starves.

    Nobody comes in beside who is alone. Those that are inside already have left by then, or they take no processor: a
    run that hangs until its deadline is no company, and nobody has to wait for it, who is alone himself the least.

    How many follows what they say of the machine. Who was late on a busy one takes a quarter of the places away; but
    those who had come in before that were late for the same reason, and take none. Who was in time gives one back, on a
    busy machine only as many in a row as there is room for, and so does every second in which somebody waits for a
    place on a machine that idles. There are never more than `most`.
    """

    def __init__(self, most: int) -> None:
        self._changed = threading.Condition()
        self._most = most
        self._room = most
        self._in_time = 0
        self._beside = 0
        self._alone = 0
        self._asking = 0
        self._shrunk = 0.0
        self._looked = 0.0

    @contextlib.contextmanager
    def beside(self) -> Iterator[None]:
        """Go with others, once nobody is alone or asks to be."""
        psutil.cpu_percent()
        with self._changed:
            while not self._changed.wait_for(self._free, LOOK):
                self._look(psutil.cpu_percent())
            self._beside += 1
        try:
            yield
        finally:
            with self._changed:
                self._beside -= 1
                self._changed.notify_all()

    def _free(self) -> bool:
        return not self._alone and not self._asking and self._beside < self._room

    def _look(self, percent: float) -> None:
        """One more place where the machine idles and is nobody's; those who wait look at it together, as one."""
        if not self._alone and not self._asking and self._finds(percent < IDLE):
            self._room = min(self._most, self._room + 1)
            self._changed.notify_all()

    def _finds(self, idle: bool) -> bool:
        """Whether this look is the first that finds the machine so: it is one who comes in then, not all that wait."""
        now = time.monotonic()
        first = idle and now - self._looked >= LOOK / 2
        self._looked = now if first else self._looked
        return first

    @contextlib.contextmanager
    def alone(self) -> Iterator[None]:
        """Wait until everybody else has left or the machine is quiet, and keep others out."""
        psutil.cpu_percent()
        with self._changed:
            self._asking += 1
            while not self._changed.wait_for(lambda: not self._alone and not self._beside, LOOK):
                if self._finds(psutil.cpu_percent() < QUIET):
                    break
            self._asking -= 1
            self._alone += 1
        try:
            yield
        finally:
            with self._changed:
                self._alone -= 1
                self._changed.notify_all()

    @property
    def room(self) -> int:
        """How many may go side by side now."""
        return self._room

    def learn(self, since: float, late: bool, busy: bool) -> None:
        """What a run found that came in at `since`, by the monotonic clock: itself late, the machine busy."""
        with self._changed:
            if late:
                self._in_time = 0
                if busy and since > self._shrunk:
                    self._room, self._shrunk = max(1, self._room * 3 // 4), time.monotonic()
            else:
                self._in_time += 1
                if not busy or self._in_time >= self._room:
                    self._room, self._in_time = min(self._most, self._room + 1), 0
            self._changed.notify_all()

"""How many runs go in parallel: as many as the machine bears; a run that was late on a busy machine can go alone."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Iterator

import psutil

BUSY = 70.0
"""Per cent of CPU time from which parallel runs may have made a run late; time that a host steals counts too."""
IDLE = 50.0
"""Per cent of CPU time below which one more run is admitted."""
QUIET = 25.0
"""Per cent of CPU time below which the other runs only wait, so that an exclusive run may start."""
LOOK = 1.0
"""Seconds between two checks of the CPU while a run waits for admission."""


@contextlib.contextmanager
def cpu_was_busy() -> Iterator[list[bool]]:
    """Record whether the CPU was busy during the block: the list has its one item after the block.

    A run that was late on an idle machine was not slowed by others.
    """
    busy: list[bool] = []
    psutil.cpu_percent()  # Starts the measurement for this thread.
    try:
        yield busy
    finally:
        busy.append(psutil.cpu_percent() >= BUSY)


class StartPacer:
    """A queue for starting runs, `apart` seconds from each other.

    A run costs the most CPU time when it starts; runs that start together make each other late.
    """

    def __init__(self, apart: float) -> None:
        self._apart = apart
        self._lock = threading.Lock()
        self._next = 0.0

    def wait(self) -> None:
        """Return when the run may start."""
        with self._lock:
            now = time.monotonic()
            start = max(now, self._next)
            self._next = start + self._apart
        time.sleep(start - now)


class AdaptiveConcurrency:
    """The admission of runs: at most `most` in parallel, fewer on a machine that makes them late.

    `shared()` admits runs in parallel. `exclusive()` admits a single run: it waits until the other runs have finished
    or the CPU is quiet, so a run that only waits for its deadline does not block it.

    A run that was late on a busy machine lowers the limit by a quarter; runs that started before that do not lower it
    again. The limit rises by one after a run in time on an idle machine, after as many runs in time in a row as the
    limit on a busy machine, and every second while a run waits and the CPU is idle.
    """

    def __init__(self, most: int) -> None:
        self._changed = threading.Condition()
        self._most = most
        self._limit = most
        self._in_time = 0
        self._shared = 0
        self._exclusive = 0
        self._waiting_exclusive = 0
        self._lowered = 0.0
        self._checked = 0.0

    @contextlib.contextmanager
    def shared(self) -> Iterator[None]:
        """Run in parallel with others, once no exclusive run is active or waits."""
        psutil.cpu_percent()
        with self._changed:
            while not self._changed.wait_for(self._free, LOOK):
                self._raise_if_idle(psutil.cpu_percent())
            self._shared += 1
        try:
            yield
        finally:
            with self._changed:
                self._shared -= 1
                self._changed.notify_all()

    def _free(self) -> bool:
        return not self._exclusive and not self._waiting_exclusive and self._shared < self._limit

    def _raise_if_idle(self, percent: float) -> None:
        """Raise the limit by one on an idle machine; several waiting runs raise it once."""
        if not self._exclusive and not self._waiting_exclusive and self._first_check(percent < IDLE):
            self._limit = min(self._most, self._limit + 1)
            self._changed.notify_all()

    def _first_check(self, idle: bool) -> bool:
        """Return True only for the first check that finds the machine idle: one waiting run is admitted, not all."""
        now = time.monotonic()
        first = idle and now - self._checked >= LOOK / 2
        self._checked = now if first else self._checked
        return first

    @contextlib.contextmanager
    def exclusive(self) -> Iterator[None]:
        """Run alone: wait until the other runs have finished or the CPU is quiet, and admit no others."""
        psutil.cpu_percent()
        with self._changed:
            self._waiting_exclusive += 1
            while not self._changed.wait_for(lambda: not self._exclusive and not self._shared, LOOK):
                if self._first_check(psutil.cpu_percent() < QUIET):
                    break
            self._waiting_exclusive -= 1
            self._exclusive += 1
        try:
            yield
        finally:
            with self._changed:
                self._exclusive -= 1
                self._changed.notify_all()

    @property
    def limit(self) -> int:
        """How many runs may go in parallel now."""
        return self._limit

    def learn(self, since: float, late: bool, busy: bool) -> None:
        """Adapt the limit to a run that was admitted at `since` (monotonic clock): was it late, was the CPU busy."""
        with self._changed:
            if late:
                self._in_time = 0
                if busy and since > self._lowered:
                    self._limit, self._lowered = max(1, self._limit * 3 // 4), time.monotonic()
            else:
                self._in_time += 1
                if not busy or self._in_time >= self._limit:
                    self._limit, self._in_time = min(self._most, self._limit + 1), 0
            self._changed.notify_all()

"""The processes that we started, so that each of them is ended by us, by id, even after Ctrl-C."""

from __future__ import annotations

import contextlib
import subprocess
import threading
from collections.abc import Iterator
from typing import IO, Any, Protocol

from .errors import PoolgateError


class StoppedError(PoolgateError):
    """Nothing is started any more: the run is being stopped."""


class Process(Protocol):
    """What we know of a process: one of our children (a Popen), or a child of one of them."""

    stdin: IO[bytes] | None
    stdout: IO[bytes] | None
    stderr: IO[bytes] | None

    @property
    def pid(self) -> int: ...
    @property
    def returncode(self) -> int | Any: ...
    def kill(self) -> None: ...
    def wait(self, timeout: float | None = None) -> int: ...


class Processes:
    """Every live process of a run. `end_all` may be called from any thread, at any moment."""

    def __init__(self) -> None:
        self._live: set[Process] = set()
        self._lock = threading.Lock()
        self._stopped = False

    @property
    def stopped(self) -> bool:
        return self._stopped

    @contextlib.contextmanager
    def started(self, command: list[str], **options: Any) -> Iterator[subprocess.Popen[bytes]]:
        """A process in a session of its own (the terminal's Ctrl-C is ours alone), killed and reaped in the end."""
        with self._lock:
            if self._stopped:
                raise StoppedError("the run is being stopped")
            process = subprocess.Popen(command, start_new_session=True, **options)
            self._live.add(process)
        with self._ended(process):
            yield process

    @contextlib.contextmanager
    def adopted(self, process: Process) -> Iterator[None]:
        """A process that somebody else started for us, killed and waited for in the end like our own."""
        with self._lock:
            self._live.add(process)
            if self._stopped:
                process.kill()
        with self._ended(process):
            yield

    @contextlib.contextmanager
    def _ended(self, process: Process) -> Iterator[None]:
        try:
            yield
        finally:
            end(process)
            with self._lock:
                self._live.discard(process)

    def run(self, command: list[str], **options: Any) -> tuple[int, str]:
        """A command to its end: its exit code and what it wrote on stderr. Raises StoppedError when it was ended."""
        with self.started(command, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, **options) as process:
            _, complaint = process.communicate()
            if self._stopped:
                raise StoppedError("the run is being stopped")
            return process.returncode, complaint.decode("utf-8", "replace").strip()

    def end_all(self) -> None:
        """Start nothing more, and kill what lives; those who wait for it see its end."""
        with self._lock:
            self._stopped = True
            for process in self._live:
                process.kill()


def end(process: Process, grace: float = 0.0) -> None:
    """Reap a process: after `grace` seconds it is killed."""
    try:
        process.wait(grace)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    for stream in (process.stdin, process.stdout, process.stderr):
        if stream is not None:
            with contextlib.suppress(OSError):
                stream.close()

"""The processes that poolgate starts; each is ended by its id, even after Ctrl-C."""

from __future__ import annotations

import contextlib
import subprocess
import threading
from collections.abc import Iterator
from typing import IO, Any, Protocol

from .errors import PoolgateError


class StoppedError(PoolgateError):
    """A run that is being stopped, so that it starts no more processes."""


class Process(Protocol):
    """A process: a child (a Popen), or a child of a child."""

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
    """The live processes of a run. `end_all` may be called from any thread at any time."""

    def __init__(self) -> None:
        self._live: set[Process] = set()
        self._lock = threading.Lock()
        self._stopped = False

    @property
    def stopped(self) -> bool:
        return self._stopped

    @contextlib.contextmanager
    def started(self, command: list[str], **options: Any) -> Iterator[subprocess.Popen[bytes]]:
        """Start a process in its own session, so that Ctrl-C does not reach it; kill and reap it at the end."""
        with self._lock:
            if self._stopped:
                raise StoppedError("the run is being stopped")
            process = subprocess.Popen(command, start_new_session=True, **options)
            self._live.add(process)
        with self._ended(process):
            yield process

    @contextlib.contextmanager
    def adopted(self, process: Process) -> Iterator[None]:
        """Register a process that another process started; kill it and wait for it at the end."""
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
        """Run a command and return its exit code and stderr; raises StoppedError if the run is being stopped."""
        with self.started(command, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, **options) as process:
            _, complaint = process.communicate()
            if self._stopped:
                raise StoppedError("the run is being stopped")
            return process.returncode, complaint.decode("utf-8", "replace").strip()

    def end_all(self) -> None:
        """Kill all live processes, and start no more; waiting threads see the end of theirs."""
        with self._lock:
            self._stopped = True
            for process in self._live:
                process.kill()


def end(process: Process, grace: float = 0.0) -> None:
    """Wait for a process, and kill it after `grace` seconds."""
    try:
        process.wait(grace)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    for stream in (process.stdin, process.stdout, process.stderr):
        if stream is not None:
            with contextlib.suppress(OSError):
                stream.close()

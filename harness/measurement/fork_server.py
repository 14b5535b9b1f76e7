"""One fork server: an interpreter that has imported its client and forks a worker for each cell.

Starting an interpreter with its imports takes a third of a second of CPU time, a fork a tenth of that. The other end
of the protocol is in `scenarios/worker/`.
"""

from __future__ import annotations

import contextlib
import os
import selectors
import signal
import socket
import subprocess
from collections.abc import Iterator
from typing import IO

import msgspec
import psutil

from ..environments import probe
from ..processes import Processes, end
from ..protocol.plan import Plan

_ANSWER = 30.0
"""Seconds that a fork server may take for a fork on a slow machine."""


class ForkServerError(Exception):
    """A fork server that does not start, or has ended."""


class Forked:
    """A worker that a fork server forked; psutil and a status pipe make it usable like a child process."""

    def __init__(self, pid: int, stdin: IO[bytes], stdout: IO[bytes], status: IO[bytes]) -> None:
        # It waits for its plan, so it is alive; psutil records its start time, because ids are reused.
        self._process = psutil.Process(pid)
        self._status = status
        self.pid = pid
        self.stdin: IO[bytes] | None = stdin
        self.stdout: IO[bytes] | None = stdout
        self.stderr: IO[bytes] | None = None
        self.returncode: int | None = None

    def kill(self) -> None:
        """End the worker if it still runs."""
        with contextlib.suppress(psutil.NoSuchProcess):
            self._process.kill()

    def wait(self, timeout: float | None = None) -> int:
        """Its exit code, below zero for a signal; raises subprocess.TimeoutExpired after `timeout` seconds."""
        if self.returncode is None:
            if not _readable(self._status, timeout):
                raise subprocess.TimeoutExpired("a forked worker", timeout or 0.0)
            with self._status:
                line = self._status.readline()
            if not line:
                # Without its fork server its exit status is unknown: it is killed here.
                self.kill()
            self.returncode = int(line or -signal.SIGKILL)
        return self.returncode


class ForkServer:
    """One running fork server, warm."""

    def __init__(self, process: subprocess.Popen[bytes], requests: socket.socket) -> None:
        self._process = process
        self._requests = requests

    @property
    def alive(self) -> bool:
        return self._process.poll() is None

    def fork(self, history: IO[bytes]) -> Forked:
        """Fork a worker that writes its history to this file; raises ForkServerError."""
        with contextlib.ExitStack() as theirs, contextlib.ExitStack() as ours:
            (stdin, to_stdin), (output, to_output), (status, to_status) = (_pipe() for _ in range(3))
            for end_of_theirs in (stdin, to_output, to_status):
                theirs.enter_context(end_of_theirs)
            for end_of_ours in (to_stdin, output, status):
                ours.enter_context(end_of_ours)
            carried = [file.fileno() for file in (stdin, history, to_output, to_status)]
            try:
                socket.send_fds(self._requests, [b"f"], carried)
                theirs.close()
                forked = Forked(self._pid(status), to_stdin, output, status)
            except (OSError, psutil.NoSuchProcess) as error:
                raise ForkServerError(str(error)) from None
            ours.pop_all()
            return forked

    def _pid(self, status: IO[bytes]) -> int:
        line = status.readline() if _readable(status, _ANSWER) else b""
        if not line:
            raise ForkServerError("it did not fork")
        return int(line)


@contextlib.contextmanager
def running(processes: Processes, interpreter: str, plan: Plan) -> Iterator[ForkServer]:
    """Start a fork server and wait until it has imported its client; raises ForkServerError if it does not."""
    requests, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
    with requests, theirs:
        starting = processes.started(
            probe.command(interpreter, "--fork-server", theirs.fileno()),
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            **probe.surroundings(theirs.fileno()),
        )
        with starting as process:
            theirs.close()
            assert process.stdin is not None
            with contextlib.suppress(BrokenPipeError), process.stdin as stdin:
                stdin.write(msgspec.json.encode(plan) + b"\n")
            if not _readable(requests, plan.startup) or requests.recv(16) != b"warm\n":
                raise ForkServerError("it did not start")
            yield ForkServer(process, requests)
            # It ends when its socket is closed; after two seconds it is killed.
            requests.close()
            end(process, grace=2.0)


def _pipe() -> tuple[IO[bytes], IO[bytes]]:
    reader, writer = os.pipe()
    return os.fdopen(reader, "rb", buffering=0), os.fdopen(writer, "wb", buffering=0)


def _readable(file: IO[bytes] | socket.socket, timeout: float | None) -> bool:
    with selectors.DefaultSelector() as selector:
        selector.register(file, selectors.EVENT_READ)
        return bool(selector.select(timeout))

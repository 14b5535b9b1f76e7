"""Starts workers: forked from an interpreter that has imported the client where possible, else as a new interpreter."""

from __future__ import annotations

import contextlib
import os
import subprocess
from collections.abc import Iterator
from typing import IO

from ..environments import probe
from ..processes import Process, Processes
from ..protocol.plan import Plan
from .concurrency import StartPacer
from .fork_server import Forked, ForkServerError
from .fork_server_pool import ForkServerPool

APART = 0.1
"""Seconds between the starts of two workers, divided by the cores: about the CPU time that a start costs."""


def forks() -> bool:
    """Return whether workers are forked: where the system can, unless `POOLGATE_START` is "spawn"."""
    return hasattr(os, "fork") and os.environ.get("POOLGATE_START") != "spawn"


class WorkerStarter:
    """The starter of the workers of a run; leaving the context ends the fork servers.

    Workers are forked where the system can, unless `POOLGATE_START=spawn` starts an interpreter for each.
    """

    def __init__(self, processes: Processes) -> None:
        self._processes = processes
        self._fork_servers = ForkServerPool(processes)
        self._forks = forks()
        self._pacer = StartPacer(APART / (os.cpu_count() or 1))

    def __enter__(self) -> WorkerStarter:
        return self

    def __exit__(self, *exc_info: object) -> None:
        self._fork_servers.close()

    @contextlib.contextmanager
    def started(self, interpreter: str, plan: Plan, history: IO[bytes], *, alone: bool = False) -> Iterator[Process]:
        """Yield a worker that waits for its plan and writes its history to a file; leaving the context ends it.

        `alone` starts an interpreter that shares no memory with another worker.
        """
        with contextlib.ExitStack() as stack:
            forks = self._forks and not alone
            forked = self._forked(stack, interpreter, plan, history) if forks else None
            if forked is not None:
                stack.enter_context(self._processes.adopted(forked))
                yield forked
            else:
                yield stack.enter_context(self._spawned(interpreter, history))

    def _forked(self, stack: contextlib.ExitStack, interpreter: str, plan: Plan, history: IO[bytes]) -> Forked | None:
        """Return None without a fork server: a new interpreter then reports the problem in its history."""
        try:
            server = stack.enter_context(self._fork_servers.borrow(interpreter, plan))
            self._pacer.wait()
            return server.fork(history)
        except ForkServerError:
            return None

    def _spawned(self, interpreter: str, history: IO[bytes]) -> contextlib.AbstractContextManager[Process]:
        return self._processes.started(
            probe.command(interpreter, "--history-fd", history.fileno()),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            **probe.surroundings(history.fileno()),
        )

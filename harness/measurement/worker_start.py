"""How a worker is started: forked from a warm interpreter where that can be, else as an interpreter of its own."""

from __future__ import annotations

import contextlib
import os
import subprocess
from collections.abc import Iterator
from typing import IO

from ..environments import probe
from ..processes import Process, Processes
from ..protocol.plan import Plan
from .concurrency import Pace
from .fork_server import Forked, ForkServerError
from .fork_server_pool import ForkServers

APART = 0.1
"""Seconds between two workers that start, divided by the cores: about what a run costs as it begins."""


def forks() -> bool:
    """Whether workers are forked here: where the system can, unless `POOLGATE_START` is "spawn"."""
    return hasattr(os, "fork") and os.environ.get("POOLGATE_START") != "spawn"


class Starter:
    """Starts the workers of a run; leaving the context ends the interpreters that were kept warm for it.

    Workers are forked where the system can, unless `POOLGATE_START=spawn` gives each an interpreter of its own.
    """

    def __init__(self, processes: Processes) -> None:
        self._processes = processes
        self._fork_servers = ForkServers(processes)
        self._forks = forks()
        self._pace = Pace(APART / (os.cpu_count() or 1))

    def __enter__(self) -> Starter:
        return self

    def __exit__(self, *exc_info: object) -> None:
        self._fork_servers.close()

    @contextlib.contextmanager
    def started(self, interpreter: str, plan: Plan, history: IO[bytes]) -> Iterator[Process]:
        """A worker that waits for its plan and tells its history there; ended and waited for in the end."""
        with contextlib.ExitStack() as lent:
            forked = self._forked(lent, interpreter, plan, history) if self._forks else None
            if forked is not None:
                lent.enter_context(self._processes.adopted(forked))
                yield forked
            else:
                yield lent.enter_context(self._spawned(interpreter, history))

    def _forked(self, lent: contextlib.ExitStack, interpreter: str, plan: Plan, history: IO[bytes]) -> Forked | None:
        """None where there is no fork server for it: a worker of its own then says what is wrong, in its history."""
        try:
            server = lent.enter_context(self._fork_servers.lend(interpreter, plan))
            self._pace.wait()
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

"""Servers that the runs of a module share: a start takes as much processor time as the rest of a short run."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext

import pytest

from poolgate.measurement.server_pool import ServerPool
from poolgate.measurement.worker_start import WorkerStarter
from poolgate.processes import Processes


@contextmanager
def shared_servers() -> Iterator[None]:
    """Let each run in this process borrow from one pool of servers, which ends with the context.

    A server that failed a cell, died or has too many open files is replaced, as within one run. Loads that are
    `played` share fork servers too.
    """
    processes = Processes()
    with (
        ServerPool(processes) as servers,
        WorkerStarter(processes) as starter,
        pytest.MonkeyPatch.context() as patch,
    ):
        for module in ("poolgate.measurement.batch", "support.played"):
            patch.setattr(f"{module}.ServerPool", lambda _: nullcontext(servers))
        patch.setattr("support.played.WorkerStarter", lambda _: nullcontext(starter))
        yield

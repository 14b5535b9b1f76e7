"""A fork server should outlive whatever its workers do, and no worker should outlive a run."""

from __future__ import annotations

import contextlib
import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from support.environments import built

from poolgate import scenarios
from poolgate.measurement import fork_server_pool
from poolgate.measurement.fork_server import Forked, ForkServer, ForkServerError
from poolgate.measurement.fork_server_pool import ForkServerPool
from poolgate.measurement.server_pool import ServerPool
from poolgate.processes import Processes
from poolgate.protocol.plan import Plan, make_plan

PATIENCE = 300.0


@pytest.fixture
def processes() -> Iterator[Processes]:
    processes = Processes()
    yield processes
    processes.end_all()


@pytest.fixture
def plan(processes: Processes) -> Iterator[Plan]:
    """A plan whose server is there to warm up on."""
    with ServerPool(processes) as servers, servers.borrow() as server:
        scenario = scenarios.declared()["sequential-reuse"]
        yield make_plan(scenario, {}, cell="a-cell", client="httpx", server=server.address, unit=0.1, seed=0)


@pytest.fixture
def pool(processes: Processes) -> Iterator[ForkServerPool]:
    pool = ForkServerPool(processes)
    with contextlib.closing(pool):
        yield pool


@pytest.fixture
def server(pool: ForkServerPool, plan: Plan) -> Iterator[ForkServer]:
    with pool.borrow(built("httpx==0.28.1").interpreter, plan) as server:
        yield server


def fork(server: ForkServer) -> Forked:
    """A worker whose history is not read."""
    with Path(os.devnull).open("wb") as history:
        return server.fork(history)


def parent_of(worker: Forked) -> int:
    return psutil.Process(worker.pid).ppid()


def finish(worker: Forked) -> int:
    """End the worker's stdin and wait; its exit code."""
    assert worker.stdin is not None
    assert worker.stdout is not None
    worker.stdin.close()
    worker.stdout.close()
    return worker.wait(PATIENCE)


def until_ended(server: ForkServer) -> None:
    """Its descriptors are closed before it has ended."""
    deadline = time.monotonic() + PATIENCE
    while server.alive:
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_a_worker_ends_as_it_would_alone(server: ForkServer) -> None:
    """Without a plan: exit code 64, and nothing of one worker keeps another from seeing the end of its stdin."""
    workers = [fork(server) for _ in range(3)]
    assert [finish(worker) for worker in workers] == [64, 64, 64]
    assert not any(psutil.pid_exists(worker.pid) for worker in workers)


def test_a_worker_that_is_killed_leaves_the_others_alone(server: ForkServer) -> None:
    killed, other = fork(server), fork(server)
    parent = parent_of(killed)
    killed.kill()
    assert finish(killed) == -9
    killed.kill()  # Its id may belong to another process by now: nothing happens.
    assert finish(other) == 64
    third = fork(server)
    assert parent_of(third) == parent
    assert finish(third) == 64


def test_a_worker_whose_fork_server_is_gone_is_ended(server: ForkServer) -> None:
    worker = fork(server)
    process = psutil.Process(worker.pid)
    psutil.Process(parent_of(worker)).kill()
    assert worker.wait(PATIENCE) == -9
    process.wait(PATIENCE)
    finish(worker)
    with pytest.raises(ForkServerError):
        fork(server)


def test_a_fork_server_that_is_gone_is_replaced(pool: ForkServerPool, server: ForkServer, plan: Plan) -> None:
    worker = fork(server)
    psutil.Process(parent_of(worker)).kill()
    assert finish(worker) == -9
    until_ended(server)
    with pool.borrow(built("httpx==0.28.1").interpreter, plan) as another:
        assert another is not server
        assert finish(fork(another)) == 64


def test_one_that_cannot_start_is_not_tried_again(pool: ForkServerPool, plan: Plan) -> None:
    """poolgate's own environment has no httpx."""
    for reason in ("it did not start", "it did not start before"):
        with pytest.raises(ForkServerError, match=f"^{reason}$"), pool.borrow(sys.executable, plan):
            pass


def test_the_one_that_was_idle_for_the_longest_time_is_ended(
    pool: ForkServerPool, plan: Plan, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One that is in use stays, even where it is one too many."""
    monkeypatch.setattr(fork_server_pool, "KEPT", 1)
    with pool.borrow(built("httpx==0.28.1").interpreter, plan) as first:
        with pool.borrow(built("httpx==0.21.0").interpreter, plan) as second:
            assert finish(fork(second)) == 64
        until_ended(second)
        assert finish(fork(first)) == 64
    assert first.alive


def test_the_end_of_a_run_ends_workers_that_are_not_its_children(processes: Processes, server: ForkServer) -> None:
    worker = fork(server)
    with processes.adopted(worker):
        processes.end_all()
        assert worker.wait(PATIENCE) == -9

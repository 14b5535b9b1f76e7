"""A few servers serve all cells, and a server is not used again after an error of a cell."""

from __future__ import annotations

import contextlib
import os
import resource
import socket
import time
import urllib.request
from collections.abc import Iterator

import psutil
import pytest

from poolgate.measurement import server_pool
from poolgate.measurement.server_pool import Server, ServerPool
from poolgate.processes import Processes


@pytest.fixture
def servers(monkeypatch: pytest.MonkeyPatch) -> Iterator[ServerPool]:
    """Yield the servers of a run on a machine with one core."""
    monkeypatch.setattr(os, "cpu_count", lambda: 1)
    with ServerPool(Processes()) as servers:
        yield servers


def arrive(server: Server, cell: str) -> None:
    """One request of a cell."""
    url = f"http://{server.address.host}:{server.address.port}/cells/{cell}/sleep?request=r&phase=burst&seconds=0"
    with urllib.request.urlopen(url, timeout=60) as answer:
        assert answer.status == 200


def running() -> list[psutil.Process]:
    return psutil.Process().children(recursive=True)


def test_a_free_server_is_used_again_and_another_starts_only_if_none_is_free(servers: ServerPool) -> None:
    with servers.borrow() as first:
        pass
    with servers.borrow() as again, servers.borrow() as second:
        assert (again is first, second is first) == (True, False)
        with servers.borrow() as third, servers.borrow() as fourth:
            assert {id(third), id(fourth)} == {id(first), id(second)}
    assert len(running()) == server_pool.PER_CORE


def test_cells_of_one_server_have_an_account_each(servers: ServerPool) -> None:
    with servers.borrow() as server:
        arrive(server, "one")
        arrive(server, "other")
        for cell in ("one", "other"):
            assert [record.kind for record in server.account(cell)] == ["arrived", "departed"]
        assert server.account("one") == []


def test_a_server_that_failed_a_cell_is_not_used_again(servers: ServerPool) -> None:
    with servers.borrow() as first:
        with contextlib.suppress(ValueError), servers.borrow() as second, servers.borrow() as shared:
            assert shared in (first, second)
            raise ValueError
        arrive(first, "still-at-work")
    with servers.borrow() as third, servers.borrow() as fourth:
        assert second not in (third, fourth)


def test_a_server_that_died_is_replaced(servers: ServerPool) -> None:
    with servers.borrow() as server:
        pass
    (process,) = running()
    process.kill()
    process.wait(60)
    with servers.borrow() as other:
        assert other is not server
        arrive(other, "cell")


def test_all_are_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "cpu_count", lambda: 1)
    with ServerPool(Processes()) as servers, servers.borrow(), servers.borrow():
        started = running()
        assert len(started) == server_pool.PER_CORE
    assert not psutil.wait_procs(started, timeout=60)[1]


def connect(server: Server, times: int) -> None:
    """Open connections and close them while they are idle: the server keeps its side of each."""
    for _ in range(times):
        socket.create_connection((server.address.host, server.address.port), timeout=60).close()


def kept(server: Server, least: int) -> bool:
    deadline = time.monotonic() + 30
    while server.open_files < least and time.monotonic() < deadline:
        time.sleep(0.05)
    return server.open_files >= least


def test_a_server_with_many_open_files_gets_no_more_cells_and_ends_with_its_last(
    servers: ServerPool, monkeypatch: pytest.MonkeyPatch
) -> None:
    with servers.borrow() as first:
        monkeypatch.setattr(server_pool, "MOST_FILES", first.open_files + 10)
        connect(first, 20)
        assert kept(first, server_pool.MOST_FILES)
        with servers.borrow() as second:
            pass
        with servers.borrow() as third:
            assert first not in (second, third)
            arrive(first, "one")
            assert [record.kind for record in first.account("one")] == ["arrived", "departed"]
        assert first.alive
    with servers.borrow(), servers.borrow() as again, servers.borrow():
        assert again is not first
    assert not psutil.pid_exists(first.pid)
    assert first.open_files == 0


def test_half_of_the_files_of_a_process_is_the_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resource, "getrlimit", lambda kind: (256, 256))
    assert server_pool.most_files() == 128
    monkeypatch.setattr(resource, "getrlimit", lambda kind: (1 << 20, 1 << 20))
    assert server_pool.most_files() == server_pool.MOST_FILES

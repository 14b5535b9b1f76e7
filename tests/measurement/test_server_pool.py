"""A few servers serve all cells, and a server is not used again after an error of a cell."""

from __future__ import annotations

import contextlib
import os
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

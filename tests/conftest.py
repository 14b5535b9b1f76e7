"""One server for the tests of a module, and a cell of its own for each test."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from server_client import Server


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A warm server; it must end well and must not have complained about anything."""
    server = Server(tmp_path_factory.mktemp("server") / "stderr")
    yield server
    assert server.end() == (0, "")


@pytest.fixture
def cell(request: pytest.FixtureRequest) -> str:
    """A cell that no other test uses."""
    return str(request.node.name)

"""Tracebacks are recorded in the environments of real releases."""

from __future__ import annotations

import socket

import pytest

from poolgate.catalogue.line_index import releases_of
from poolgate.maintenance.tracebacks import listening, of_release
from poolgate.processes import Processes


@pytest.mark.parametrize(
    ("kind", "use", "closes", "last"),
    [
        ("pool-timeout", "async", False, "map_exceptions"),
        ("closed", "sync", True, "map_httpcore_exceptions"),
    ],
)
def test_a_release_raises_an_error_of_the_kind(kind: str, use: str, closes: bool, last: str) -> None:
    with listening(closes) as port:
        one = of_release(Processes(), "httpx==0.28.1", kind, use, port)
    assert one is not None
    assert one.packages == {"httpx": "0.28.1", "httpcore": "1.0.9"}
    assert last in {frame.function for frame in one.frames}
    left = releases_of(one.frames)
    assert "0.28.1" in left["httpx"]
    assert "1.0.9" in left["httpcore"]


def test_a_server_that_listens_closes_a_connection_at_its_request() -> None:
    with listening(closes=True) as port, socket.create_connection(("127.0.0.1", port), timeout=5) as connection:
        connection.sendall(b"G")
        assert connection.recv(1) == b""

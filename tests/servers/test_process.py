"""The server must never outlive its starter, and never end before it is asked to, whatever its clients do."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.server_client import PATIENCE, Server, path


@pytest.fixture
def mortal(tmp_path: Path) -> Iterator[Server]:
    server = Server(tmp_path / "stderr")
    yield server
    if server.process.poll() is None:
        server.end()


async def test_it_says_that_it_is_ready_and_serves(mortal: Server) -> None:
    assert mortal.first_line == b"ready\n"
    assert await mortal.ask("/health") == (200, {"status": "ok"})


def test_it_ends_with_its_standard_input(mortal: Server) -> None:
    assert mortal.end() == (0, "")


def test_it_ends_on_sigterm(mortal: Server) -> None:
    mortal.process.send_signal(signal.SIGTERM)
    assert mortal.wait() == (0, "")


async def test_it_leaves_ctrl_c_to_the_harness(mortal: Server) -> None:
    mortal.process.send_signal(signal.SIGINT)
    assert await mortal.ask("/health") == (200, {"status": "ok"})
    assert mortal.end() == (0, "")


async def test_it_ends_with_requests_of_every_sort_in_flight(mortal: Server) -> None:
    """A sleep and a barrier that are held, a response half way, a stream without end, an idle connection."""
    async with (
        mortal.connect() as sleep,
        mortal.connect() as barrier,
        mortal.connect() as steps,
        mortal.connect() as stream,
        mortal.connect() as idle,
    ):
        await sleep.send(path("c", "sleep", request="a", phase="p", seconds=600))
        await barrier.send(path("c", "barrier", request="b", phase="q", want=2, bound=600))
        await steps.send(path("c", "steps", request="c", phase="p", pieces=2, size=1, release="event"))
        await idle.ask(path("c", "release", request="c", steps=2), "POST")
        await stream.send(path("c", "stream", request="d", phase="p", size=1, seconds=0.01))
        await mortal.until_count("c", "arrived", 4)
        await steps.head()
        await stream.head()
        assert mortal.end() == (0, "")
        assert (await sleep.answer())[0] == 503
        assert (await barrier.answer())[0] == 503
        assert await steps.reader.read() == b"."
        assert not (await stream.reader.read()).endswith(b"0\r\n\r\n")
        assert await idle.reader.read() == b""


async def test_it_ends_with_a_client_that_does_not_read(mortal: Server) -> None:
    """Closing such a connection would take for ever: what was to be sent can't be."""
    async with mortal.connect() as deaf:
        await deaf.send(path("c", "steps", request="a", phase="p", pieces=1, size=16 * 1024 * 1024, release="auto"))
        await mortal.until_count("c", "departed", 1)
        assert mortal.end() == (0, "")


def test_it_refuses_a_number_that_is_not_a_socket() -> None:
    reading, writing = os.pipe()
    command = [sys.executable, "-m", "poolgate.servers", "--fd", str(reading)]
    ended = subprocess.run(command, pass_fds=[reading], capture_output=True, text=True, timeout=PATIENCE, check=False)
    os.close(reading)
    os.close(writing)
    assert ended.returncode == 2
    assert ended.stderr.endswith(f"{reading} is not the number of an inherited socket\n")

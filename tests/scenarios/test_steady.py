"""A steady network should deliver whatever has come at once, and never while the loop has work.

The iteration of the loop that sees an answer does not depend on speed then, so that a sweep of groups can be
repeated; and that a loop which is never without work still hears of its answers.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import Callable, Iterator

import pytest

from poolgate.scenarios.sweep.backends.on_asyncio import BUSY, OnAsyncio

Idle = Callable[[], bool]


@pytest.fixture
def backend() -> Iterator[OnAsyncio]:
    with contextlib.closing(OnAsyncio()) as backend:
        yield backend


@pytest.fixture
def ends() -> Iterator[list[socket.socket]]:
    """Two connections of which we hold both ends: the first two are the client's, the others write to them."""
    with contextlib.ExitStack() as stack:
        pairs = [[stack.enter_context(end) for end in socket.socketpair()] for _ in range(2)]
        yield [pair[0] for pair in pairs] + [pair[1] for pair in pairs]


def heard(backend: OnAsyncio, ends: list[socket.socket], idle: Idle, *, steady: bool, busy: int = 0) -> list[int]:
    """Return the iterations of the loop in which the answers arrive, while a task is busy for `busy` iterations."""
    iterations: list[int] = [0]
    heard: list[int] = []

    def turned() -> bool:
        iterations[0] += 1
        return False

    async def main() -> None:
        loop = asyncio.get_running_loop()
        done = asyncio.Event()

        def read(end: socket.socket) -> None:
            end.recv(1)
            heard.append(iterations[0])
            if len(heard) == 2:
                done.set()

        for end in ends[:2]:
            loop.add_reader(end, read, end)
        backend.each_turn(turned)
        backend.when_idle(idle, steady)
        for _ in range(busy):
            await asyncio.sleep(0)
        await done.wait()
        backend.each_turn(None)
        backend.when_idle(None)

    backend.run(main)
    return heard


def test_nothing_comes_as_long_as_the_loop_has_work(backend: OnAsyncio, ends: list[socket.socket]) -> None:
    for end in ends[2:]:
        end.send(b"x")
    one, other = heard(backend, ends, lambda: False, steady=True, busy=10)
    assert one == other > 10


def test_without_it_answers_come_at_any_time(backend: OnAsyncio, ends: list[socket.socket]) -> None:
    for end in ends[2:]:
        end.send(b"x")
    assert max(heard(backend, ends, lambda: False, steady=False, busy=10)) < 10


def test_what_is_sent_while_no_task_can_run_arrives_together(backend: OnAsyncio, ends: list[socket.socket]) -> None:
    left = list(ends[2:])

    def answer() -> bool:
        while left:
            left.pop().send(b"x")
        return False

    one, other = heard(backend, ends, answer, steady=True)
    assert one == other


def test_a_loop_that_is_never_without_work_hears_too(backend: OnAsyncio, ends: list[socket.socket]) -> None:
    for end in ends[2:]:
        end.send(b"x")
    one, other = heard(backend, ends, lambda: False, steady=True, busy=10 * BUSY)
    assert one == other < 2 * BUSY

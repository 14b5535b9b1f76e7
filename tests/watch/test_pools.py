"""What pools of different releases make of the same situation: closed connections, free streams, blocked queues."""

from __future__ import annotations

import asyncio
import importlib.util
import sys
from types import ModuleType
from typing import Any

import pytest

from poolgate.watch.families import loaded
from poolgate.watch.stacks import raw_stack_of, stack_of
from watch.test_look import GRACE, Clock, Connection, Entry, Request, Scene, Stream, clock

__all__ = ["clock"]


def open_response(scene: Scene) -> Stream:
    """Return the open response of the scene's request."""
    stream = Stream(scene.pool, scene.entry)
    scene.watcher.answered(scene.call, stream)
    return stream


def before_1_0(scene: Scene) -> None:
    """Make the pool one before httpcore 1.0."""
    scene.pool._attempt_to_acquire_connection = None  # type: ignore[attr-defined]


def test_a_response_whose_connection_is_closed_is_not_held(clock: Clock) -> None:
    """The end of its body's iterator closes the connection; the response itself is never closed."""
    scene = Scene(clock, held_after=GRACE)
    stream = open_response(scene)
    assert scene.look(after=2 * GRACE).verdict == "held-by-caller"
    scene.connection.state = "closed"
    assert (scene.look().verdict, scene.look().held) == ("serves", ())
    assert stream is not None


def test_before_httpcore_1_0_a_closed_connection_keeps_its_slot(clock: Clock) -> None:
    scene = Scene(clock, held_after=GRACE)
    before_1_0(scene)
    stream = open_response(scene)
    scene.connection.state = "closed"
    assert scene.look(after=2 * GRACE).verdict == "held-by-caller"
    scene.pool._requests.clear()
    scene.close(stream, ValueError())
    scene.look()
    (slot,) = scene.look(after=2 * GRACE).lost
    assert (slot.kind, slot.ending.what) == ("connection", "failed")


def test_before_httpcore_1_0_a_request_without_a_caller_blocks_a_pool_of_dropped_responses(clock: Clock) -> None:
    scene = Scene(clock)
    before_1_0(scene)
    open_response(scene)
    scene.pool._requests.append(Entry(Request(), None))
    scene.look()
    assert scene.look(after=2 * GRACE).verdict == "dead"


class Shared(Connection):
    """A connection of HTTP/2 that counts its streams, as in httpcorexyz."""

    capacity = 1
    _connection: Any = object()
    _events = (1,)

    def is_available(self) -> bool:
        return True

    def get_available_stream_capacity(self) -> int:
        return self.capacity

    def can_handle_request(self, origin: str) -> bool:
        return origin == "here"


@pytest.mark.parametrize(
    ("capacity", "origin", "verdict"),
    [(1, "here", "dead"), (0, "here", "back-pressure"), (1, "there", "back-pressure")],
)
def test_a_request_that_waits_although_a_stream_is_free_is_in_a_dead_pool(
    clock: Clock, capacity: int, origin: str, verdict: str
) -> None:
    scene = Scene(clock)
    scene.pool._max_connections = 1
    shared = Shared()
    shared.capacity = capacity
    scene.pool.connections[:] = [shared]
    scene.entry.connection = shared
    waiting: Any = Request()
    waiting.url = type("Url", (), {"origin": origin})()
    scene.watcher.begin(scene.pool, "httpcorexyz", waiting)
    scene.pool._requests.append(Entry(waiting, None))
    assert scene.look().verdict == "back-pressure"
    assert scene.look(after=2 * GRACE).verdict == verdict


def test_a_package_that_is_just_being_imported_is_not_loaded_yet(monkeypatch: pytest.MonkeyPatch) -> None:
    """Another thread imports it: it has no pools yet, and is not too old."""
    module = ModuleType("httpcore")
    module.__spec__ = spec = importlib.util.spec_from_loader("httpcore", None)
    monkeypatch.setitem(sys.modules, "httpcore", module)
    assert spec is not None
    monkeypatch.setattr(spec, "_initializing", True, raising=False)
    assert loaded("httpcore") is None
    monkeypatch.setattr(spec, "_initializing", False)
    assert loaded("httpcore") is module


def test_a_stack_ends_where_the_event_loop_runs_its_task() -> None:
    async def inside() -> list[str]:
        return [frame.function for frame in stack_of(raw_stack_of(sys._getframe()))]

    def outside() -> list[str]:
        return asyncio.run(inside())

    assert outside() == ["inside"]

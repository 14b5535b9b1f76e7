"""A look at a pool without a network: the two looks of a leak, requests in transit, the note, and the levels."""

from __future__ import annotations

import logging
import sys
from typing import Any, NamedTuple

import pytest

from poolgate.watch import note, watcher
from poolgate.watch.endings import ending_of
from poolgate.watch.settings import Settings
from poolgate.watch.stacks import Frame, place_of
from poolgate.watch.states import Ending, HeldResponse, LostSlot, PoolState
from poolgate.watch.urls import redacted, url_of
from poolgate.watch.watcher import Watcher

GRACE = 1.0


class Clock:
    """A clock that a test sets."""

    def __init__(self) -> None:
        self.now = 1000.0

    def monotonic(self) -> float:
        return self.now

    def time(self) -> float:
        return self.now


class Url(NamedTuple):
    scheme: bytes = b"https"
    host: bytes = b"example.com"
    port: int | None = None
    target: bytes = b"/a?key=secret"


class Request:
    url = Url()


class Connection:
    """A connection of HTTP/1.1 in one of its states."""

    def __init__(self, state: str = "active") -> None:
        self.state = state
        self.count = 1

    def is_idle(self) -> bool:
        return self.state == "idle"

    def is_closed(self) -> bool:
        return self.state == "closed"

    def is_available(self) -> bool:
        return self.is_idle()

    def has_expired(self) -> bool:
        return False

    def info(self) -> str:
        return f"{self.state} {self.count}"


class Entry:
    """The pool's own record of a request."""

    def __init__(self, request: Request, connection: Connection | None) -> None:
        self.request = request
        self.connection = connection


class Pool:
    """A pool of two slots."""

    def __init__(self) -> None:
        self._max_connections = 2
        self._requests: list[Entry] = []
        self.connections: list[Connection] = []


class Stream:
    def __init__(self, pool: Pool, entry: Entry) -> None:
        self._pool = pool
        self._pool_request = entry


class Scene:
    """A watcher and one pool, with a request that has started."""

    def __init__(self, clock: Clock, **settings: Any) -> None:
        self.clock = clock
        self.watcher = Watcher(Settings(grace=GRACE, **settings))
        self.pool = Pool()
        self.request = Request()
        self.call = self.watcher.begin(self.pool, "httpcore", self.request)
        self.connection = Connection()
        self.entry = Entry(self.request, self.connection)
        self.pool.connections.append(self.connection)
        self.pool._requests.append(self.entry)

    def look(self, after: float = 0.0) -> PoolState:
        self.clock.now += after
        (state,) = self.watcher.states()
        return state

    def close(self, stream: Stream, error: BaseException | None) -> None:
        held = self.watcher.held(stream)
        assert held is not None
        self.watcher.closed(self.pool, held, error)

    def fail(self, error: BaseException) -> None:
        self.watcher.failed(self.pool, self.call, error)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    for module in ("look", "tables", "watcher"):
        monkeypatch.setattr(f"poolgate.watch.{module}.time", clock)
    return clock


def test_a_request_in_flight_is_never_lost(clock: Clock) -> None:
    scene = Scene(clock)
    states = [scene.look(after=10.0) for _ in range(3)]
    assert [(state.verdict, state.active, state.lost) for state in states] == [("serves", 1, ())] * 3


def test_a_leak_is_reported_after_two_looks_at_least_a_grace_apart(clock: Clock) -> None:
    scene = Scene(clock)
    scene.pool._requests.clear()
    scene.fail(ValueError())
    first, early, late = scene.look(), scene.look(after=0.9 * GRACE), scene.look(after=0.2 * GRACE)
    assert [state.verdict for state in (first, early, late)] == ["serves", "serves", "leaks"]
    (slot,) = late.lost
    assert (slot.kind, slot.since) == ("connection", 1000.0)


def test_a_connection_that_was_used_in_between_is_not_lost(clock: Clock) -> None:
    scene = Scene(clock)
    scene.pool._requests.clear()
    scene.fail(ValueError())
    for _ in range(5):
        scene.connection.count += 1
        assert scene.look(after=2 * GRACE).verdict == "serves"


def test_a_slot_that_is_free_again_is_not_lost(clock: Clock) -> None:
    scene = Scene(clock)
    scene.pool._requests.clear()
    scene.fail(ValueError())
    scene.look()
    assert scene.look(after=2 * GRACE).verdict == "leaks"
    scene.connection.state = "closed"
    assert scene.look().verdict == "serves"


def test_a_pool_without_a_slot_is_dead(clock: Clock) -> None:
    scene = Scene(clock)
    scene.pool.connections.append(Connection())
    scene.pool._requests.clear()
    scene.fail(ValueError())
    scene.look()
    assert scene.look(after=2 * GRACE).verdict == "dead"


def test_an_entry_without_a_request_is_lost_with_what_ended_it(clock: Clock) -> None:
    scene = Scene(clock)
    scene.pool._requests[0].connection = None
    scene.pool.connections.clear()
    scene.watcher.answered(scene.call, stream := Stream(scene.pool, scene.entry))
    scene.close(stream, GeneratorExit())
    (slot,) = scene.look(after=2 * GRACE).lost
    assert (slot.kind, slot.ending.what, slot.ending.error) == ("queue", "abandoned", "GeneratorExit")


def test_a_connection_that_another_request_gives_up_later_is_lost_with_the_ending_of_the_first(clock: Clock) -> None:
    """An idle connection of httpcore 1.0 is assigned to two requests; the second leaves it when it finds it in use."""
    scene = Scene(clock)
    other = Request()
    scene.watcher.begin(scene.pool, "httpcore", other)
    second = Entry(other, scene.connection)
    scene.pool._requests.append(second)
    scene.watcher.answered(scene.call, stream := Stream(scene.pool, scene.entry))
    scene.pool._requests.remove(scene.entry)
    scene.close(stream, GeneratorExit())
    second.connection = None
    scene.look()
    (slot,) = scene.look(after=2 * GRACE).lost
    assert (slot.kind, slot.ending.what) == ("connection", "abandoned")


def test_a_response_that_its_pool_has_forgotten_is_not_held(clock: Clock) -> None:
    """A pool before httpcore 1.0 forgets its requests when it is closed."""
    scene = Scene(clock)
    scene.watcher.answered(scene.call, stream := Stream(scene.pool, scene.entry))
    assert len(scene.look().held) == 1
    scene.pool._requests, scene.pool.connections = [], []
    assert (scene.look().held, scene.watcher.held(stream)) == ((), None)


def test_a_request_that_is_older_than_the_watcher_is_in_use(clock: Clock) -> None:
    """A request that started before `install()` has no call, but its entry is in the pool at the first request."""
    watcher = Watcher(Settings(grace=GRACE))
    pool, old = Pool(), Connection()
    pool.connections.append(old)
    pool._requests.append(Entry(Request(), old))
    watcher.begin(pool, "httpcore", Request())
    watcher.states()
    clock.now += 2 * GRACE
    (state,) = watcher.states()
    assert (state.active, state.lost) == (1, ())


def test_a_change_is_logged_once_and_reported_to_the_callback(clock: Clock, caplog: pytest.LogCaptureFixture) -> None:
    changes: list[PoolState] = []
    scene = Scene(clock, held_after=5.0, on_change=changes.append)
    scene.watcher.answered(scene.call, stream := Stream(scene.pool, scene.entry))
    with caplog.at_level(logging.INFO, logger="poolgate.watch"):
        for _ in range(4):
            scene.look(after=3.0)
        scene.pool._requests.clear()
        scene.connection.state = "idle"
        scene.close(stream, None)
        scene.look(after=2.0)
    assert [state.verdict for state in changes] == ["held-by-caller", "serves"]
    assert [record.levelname for record in caplog.records] == ["WARNING", "INFO"]


def test_a_callback_that_fails_is_logged_and_harms_nothing(clock: Clock, caplog: pytest.LogCaptureFixture) -> None:
    def fails(state: PoolState) -> None:
        raise ZeroDivisionError

    scene = Scene(clock, held_after=1.0, on_change=fails)
    scene.watcher.answered(scene.call, stream := Stream(scene.pool, scene.entry))
    assert scene.look(after=2.0).held[0].dropped is False
    assert "on_change failed" in caplog.text
    assert stream is not None


def test_a_defect_of_the_watcher_is_logged_and_harms_no_request(
    clock: Clock, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    scene = Scene(clock)
    monkeypatch.setattr(watcher, "entry_in", None)
    scene.fail(ValueError())
    assert "the watcher failed" in caplog.text


@pytest.mark.parametrize(("level", "stacks"), [("counts", 0), ("sample", 2), ("all", 32)])
def test_a_level_decides_whose_stack_is_recorded(clock: Clock, level: Any, stacks: int) -> None:
    watcher, pool = Watcher(Settings(level=level)), Pool()
    calls = [watcher.begin(pool, "httpcore", Request()) for _ in range(32)]
    assert sum(1 for call in calls if call is not None and call.stack) == stacks


def test_a_place_is_that_of_the_program_and_not_of_a_package() -> None:
    package = Frame(pytest.__file__, 1, "f")
    own = Frame("/srv/app/export.py", 41, "export")
    assert place_of((package, own)) == own
    assert place_of((package,)) == package
    assert place_of(()) is None
    assert str(own) == "app/export.py:41"


def test_an_ending_is_named_by_its_exception() -> None:
    class ReadTimeout(TimeoutError):
        pass

    class Cancelled(BaseException):
        pass

    errors = [ReadTimeout(), Cancelled(), GeneratorExit(), ValueError(), None]
    assert [ending_of(error, None).what for error in errors] == [
        "timed out",
        "cancelled",
        "abandoned",
        "failed",
        "closed",
    ]


def test_a_url_has_no_query_and_no_token() -> None:
    assert url_of(Request()) == "https://example.com/a"
    assert redacted("/bot123456:ABCdefGHIjklMNOpqr/send") == "/.../send"
    assert redacted("/v1/chat/completions") == "/v1/chat/completions"


def state(**fields: Any) -> PoolState:
    plain = {"family": "httpcore", "versions": {}, "limit": 10, "active": 0, "idle": 0, "queued": 0, "oldest_wait": 0.0}
    return PoolState(**{**plain, "held": (), "lost": (), "verdict": "serves", **fields})


def test_a_note_names_what_uses_the_slots(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("time.strftime", lambda *_: "10:41:07")
    cancelled = Ending("cancelled", "CancelledError", "AsyncEvent.wait", (Frame("/srv/app/api.py", 88, "get"),))
    lost = tuple(LostSlot("connection", 1.0, cancelled) for _ in range(3))
    held = tuple(HeldResponse(412.0, "", (Frame("/srv/app/export.py", 41, "f"),)) for _ in range(7))
    assert note.sentence(state(lost=lost, held=held, active=7)) == (
        "3 of 10 slots are lost since 10:41:07 (cancelled in AsyncEvent.wait at app/api.py:88), "
        "7 responses are held, the oldest for 412.0 s, by app/export.py:41"
    )
    assert note.sentence(state(active=10, queued=2, oldest_wait=5.0)) == (
        "10 connections are in use, 2 requests are waiting, the oldest for 5.0 s"
    )


def test_a_note_is_part_of_the_message_before_python_3_11(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "version_info", (3, 10))
    empty, said = TimeoutError(), TimeoutError("late")
    note.attach(empty, "1 response is held")
    note.attach(said, "1 response is held")
    assert (str(empty), str(said)) == ("poolgate.watch: 1 response is held", "late; poolgate.watch: 1 response is held")

"""Who goes alone should be alone: nobody inside with them, nobody locked out for ever."""

from __future__ import annotations

import threading
import time

import psutil
import pytest

from poolgate.measurement import concurrency
from poolgate.measurement.concurrency import Crowd, Pace, watched


def test_alone_waits_for_all_and_keeps_all_out() -> None:
    crowd, inside, seen = Crowd(9), set[int](), list[set[int]]()
    entered, leave = threading.Barrier(4, timeout=30), threading.Event()
    lock = threading.Lock()

    def beside(number: int) -> None:
        with crowd.beside():
            with lock:
                inside.add(number)
            entered.wait()
            leave.wait(30)
            with lock:
                inside.discard(number)

    def alone(number: int) -> None:
        with crowd.alone(), lock:
            seen.append({*inside, number})

    threads = [threading.Thread(target=beside, args=(n,)) for n in range(3)]
    threads += [threading.Thread(target=alone, args=(n,)) for n in (10, 11)]
    for thread in threads[:3]:
        thread.start()
    entered.wait()
    for thread in threads[3:]:
        thread.start()
    assert not seen
    leave.set()
    for thread in threads:
        thread.join(30)
    assert not any(thread.is_alive() for thread in threads)
    assert sorted(map(sorted, seen)) == [[10], [11]]


def test_side_by_side_before_and_after_one_alone() -> None:
    crowd = Crowd(2)
    with crowd.alone():
        pass
    with crowd.beside(), crowd.beside():
        pass
    with crowd.alone():
        pass


def rooms_after(most: int, told: list[tuple[bool, bool]]) -> list[int]:
    """How many places there are after each of some runs that came in one after another: late, busy."""
    crowd, rooms = Crowd(most), []
    for late, busy in told:
        crowd.learn(time.monotonic(), late, busy)
        rooms.append(crowd.room)
    return rooms


def test_there_is_room_for_as_many_as_the_machine_bears() -> None:
    """Each that was late on a busy machine takes a quarter away, down to one; as many in time as there are give one."""
    told = [(True, True)] * 4 + [(False, True)] * 6
    assert rooms_after(4, told) == [3, 2, 1, 1, 2, 2, 3, 3, 3, 4]


def test_an_idle_machine_has_room_at_once() -> None:
    """Who is late there is late alone."""
    told = [(True, True), (True, True), (True, False), (False, False), (False, False), (False, False)]
    assert rooms_after(4, told) == [3, 2, 2, 3, 4, 4]


def test_those_who_were_late_together_take_a_quarter_together() -> None:
    crowd, since = Crowd(8), time.monotonic()
    for _ in range(5):
        crowd.learn(since, late=True, busy=True)
    assert crowd.room == 6
    crowd.learn(time.monotonic(), late=True, busy=True)
    assert crowd.room == 4


@pytest.mark.parametrize(("percent", "entered"), [(12.0, True), (90.0, False)])
def test_a_place_is_made_for_who_waits_on_a_machine_that_idles(
    monkeypatch: pytest.MonkeyPatch, percent: float, entered: bool
) -> None:
    """Those who have one may keep it for long, and say nothing until they leave."""
    monkeypatch.setattr(concurrency, "LOOK", 0.05)
    monkeypatch.setattr(psutil, "cpu_percent", lambda: percent)
    crowd, inside = Crowd(2), threading.Event()
    crowd.learn(time.monotonic(), late=True, busy=True)

    def second() -> None:
        with crowd.beside():
            inside.set()

    waiting = threading.Thread(target=second)
    with crowd.beside():
        waiting.start()
        assert inside.wait(30.0 if entered else 0.5) is entered
        assert crowd.room == (2 if entered else 1)
    waiting.join(30)
    assert inside.is_set()


def test_nobody_starts_together_with_another() -> None:
    pace, started = Pace(0.05), list[float]()

    def start() -> None:
        pace.wait()
        started.append(time.monotonic())

    threads = [threading.Thread(target=start) for _ in range(4)]
    since = time.monotonic()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert [moment - since >= 0.05 * n for n, moment in enumerate(sorted(started))] == [True] * 4


@pytest.mark.parametrize(("percent", "busy"), [(12.0, False), (69.9, False), (70.0, True), (100.0, True)])
def test_a_machine_that_idles_is_not_crowded(monkeypatch: pytest.MonkeyPatch, percent: float, busy: bool) -> None:
    """What went by before the block does not count."""
    told = iter([99.0, percent])
    monkeypatch.setattr(psutil, "cpu_percent", lambda: next(told))
    with watched() as found:
        assert not found
    assert found == [busy]


def test_who_finds_no_room_waits_for_it(monkeypatch: pytest.MonkeyPatch) -> None:
    crowd, entered = Crowd(2), threading.Event()
    crowd.learn(time.monotonic(), late=True, busy=True)

    monkeypatch.setattr(psutil, "cpu_percent", lambda: 100.0)

    def second() -> None:
        with crowd.beside():
            entered.set()

    with crowd.beside():
        waiting = threading.Thread(target=second)
        waiting.start()
        assert not entered.wait(0.1)
    waiting.join(30)
    assert entered.is_set()


@pytest.mark.parametrize(("percent", "entered"), [(12.0, 2), (90.0, 0)])
def test_nobody_waits_for_who_only_waits(monkeypatch: pytest.MonkeyPatch, percent: float, entered: int) -> None:
    """Beside a run that hangs two go alone on a machine that is quiet, one after another; on a busy one they wait."""
    monkeypatch.setattr(concurrency, "LOOK", 0.05)
    monkeypatch.setattr(psutil, "cpu_percent", lambda: percent)
    crowd, inside, leave = Crowd(3), threading.Semaphore(0), threading.Event()

    def alone() -> None:
        with crowd.alone():
            inside.release()
            leave.wait(30)

    asking = [threading.Thread(target=alone) for _ in range(2)]
    with crowd.beside():
        for thread in asking:
            thread.start()
        came = [inside.acquire(timeout=30.0 if entered else 0.3) for _ in asking]
        assert came.count(True) == entered
        leave.set()
    for thread in asking:
        thread.join(30)
    assert not any(thread.is_alive() for thread in asking)
    with crowd.beside(), crowd.beside(), crowd.beside():
        pass

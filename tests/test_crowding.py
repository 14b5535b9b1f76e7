"""Who goes alone should be alone: nobody inside with them, nobody locked out for ever."""

from __future__ import annotations

import threading

import psutil
import pytest

from poolgate.crowding import Crowd, watched


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


def test_there_is_room_for_as_many_as_the_machine_bears() -> None:
    """Each that was late takes a place away, down to one; as many in time as there are places give one back."""
    crowd = Crowd(3)
    rooms = []
    for late in (True, True, True, False, False, False, False, False, False):
        crowd.learn(late)
        rooms.append(crowd.room)
    assert rooms == [2, 1, 1, 2, 2, 3, 3, 3, 3]


@pytest.mark.parametrize(("percent", "busy"), [(12.0, False), (69.9, False), (70.0, True), (100.0, True)])
def test_a_machine_that_idles_is_not_crowded(monkeypatch: pytest.MonkeyPatch, percent: float, busy: bool) -> None:
    """What went by before the block does not count."""
    told = iter([99.0, percent])
    monkeypatch.setattr(psutil, "cpu_percent", lambda: next(told))
    with watched() as found:
        assert not found
    assert found == [busy]


def test_who_finds_no_room_waits_for_it() -> None:
    crowd, entered = Crowd(2), threading.Event()
    crowd.learn(late=True)

    def second() -> None:
        with crowd.beside():
            entered.set()

    with crowd.beside():
        waiting = threading.Thread(target=second)
        waiting.start()
        assert not entered.wait(0.1)
    waiting.join(30)
    assert entered.is_set()

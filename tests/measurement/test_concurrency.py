"""An exclusive run has no run in parallel; every run is admitted in the end; the limit follows the machine."""

from __future__ import annotations

import threading
import time

import psutil
import pytest

from poolgate.measurement import concurrency
from poolgate.measurement.concurrency import AdaptiveConcurrency, StartPacer, cpu_was_busy


def test_an_exclusive_run_waits_for_all_others_and_admits_none() -> None:
    admission, inside, seen = AdaptiveConcurrency(9), set[int](), list[set[int]]()
    entered, leave = threading.Barrier(4, timeout=30), threading.Event()
    lock = threading.Lock()

    def shared(number: int) -> None:
        with admission.shared():
            with lock:
                inside.add(number)
            entered.wait()
            leave.wait(30)
            with lock:
                inside.discard(number)

    def exclusive(number: int) -> None:
        with admission.exclusive(), lock:
            seen.append({*inside, number})

    threads = [threading.Thread(target=shared, args=(n,)) for n in range(3)]
    threads += [threading.Thread(target=exclusive, args=(n,)) for n in (10, 11)]
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


def test_runs_are_shared_before_and_after_an_exclusive_run() -> None:
    admission = AdaptiveConcurrency(2)
    with admission.exclusive():
        pass
    with admission.shared(), admission.shared():
        pass
    with admission.exclusive():
        pass


def limits_after(most: int, runs: list[tuple[bool, bool]]) -> list[int]:
    """Return the limit after each of several runs in sequence, given as (late, busy)."""
    admission, limits = AdaptiveConcurrency(most), []
    for late, busy in runs:
        admission.learn(time.monotonic(), late, busy)
        limits.append(admission.limit)
    return limits


def test_the_limit_follows_what_the_machine_bears() -> None:
    """Each late run on a busy machine lowers the limit by a quarter, down to 1; `limit` runs in time raise it by 1."""
    runs = [(True, True)] * 4 + [(False, True)] * 6
    assert limits_after(4, runs) == [3, 2, 1, 1, 2, 2, 3, 3, 3, 4]


def test_a_late_run_on_an_idle_machine_does_not_lower_the_limit() -> None:
    """Other runs did not slow it down; runs in time raise the limit at once."""
    runs = [(True, True), (True, True), (True, False), (False, False), (False, False), (False, False)]
    assert limits_after(4, runs) == [3, 2, 2, 3, 4, 4]


def test_runs_that_were_late_together_lower_the_limit_once() -> None:
    admission, since = AdaptiveConcurrency(8), time.monotonic()
    for _ in range(5):
        admission.learn(since, late=True, busy=True)
    assert admission.limit == 6
    admission.learn(time.monotonic(), late=True, busy=True)
    assert admission.limit == 4


@pytest.mark.parametrize(("percent", "entered"), [(12.0, True), (90.0, False)])
def test_a_waiting_run_is_admitted_on_an_idle_machine(
    monkeypatch: pytest.MonkeyPatch, percent: float, entered: bool
) -> None:
    """An admitted run can last long, and reports nothing until it ends."""
    monkeypatch.setattr(concurrency, "LOOK", 0.05)
    monkeypatch.setattr(psutil, "cpu_percent", lambda: percent)
    admission, inside = AdaptiveConcurrency(2), threading.Event()
    admission.learn(time.monotonic(), late=True, busy=True)

    def second() -> None:
        with admission.shared():
            inside.set()

    waiting = threading.Thread(target=second)
    with admission.shared():
        waiting.start()
        assert inside.wait(30.0 if entered else 0.5) is entered
        assert admission.limit == (2 if entered else 1)
    waiting.join(30)
    assert inside.is_set()


def test_no_two_runs_start_together() -> None:
    pacer, started = StartPacer(0.05), list[float]()

    def start() -> None:
        pacer.wait()
        started.append(time.monotonic())

    threads = [threading.Thread(target=start) for _ in range(4)]
    since = time.monotonic()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert [moment - since >= 0.05 * n for n, moment in enumerate(sorted(started))] == [True] * 4


@pytest.mark.parametrize(("percent", "busy"), [(12.0, False), (69.9, False), (70.0, True), (100.0, True)])
def test_the_cpu_is_busy_from_70_per_cent(monkeypatch: pytest.MonkeyPatch, percent: float, busy: bool) -> None:
    """CPU time before the block does not count."""
    values = iter([99.0, percent])
    monkeypatch.setattr(psutil, "cpu_percent", lambda: next(values))
    with cpu_was_busy() as found:
        assert not found
    assert found == [busy]


def test_a_run_over_the_limit_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    admission, entered = AdaptiveConcurrency(2), threading.Event()
    admission.learn(time.monotonic(), late=True, busy=True)

    monkeypatch.setattr(psutil, "cpu_percent", lambda: 100.0)

    def second() -> None:
        with admission.shared():
            entered.set()

    with admission.shared():
        waiting = threading.Thread(target=second)
        waiting.start()
        assert not entered.wait(0.1)
    waiting.join(30)
    assert entered.is_set()


@pytest.mark.parametrize(("percent", "entered"), [(12.0, 2), (90.0, 0)])
def test_an_exclusive_run_ignores_a_run_that_only_waits(
    monkeypatch: pytest.MonkeyPatch, percent: float, entered: int
) -> None:
    """With a run that hangs, two exclusive runs start on a quiet machine, and neither on a busy machine."""
    monkeypatch.setattr(concurrency, "LOOK", 0.05)
    monkeypatch.setattr(psutil, "cpu_percent", lambda: percent)
    admission, inside, leave = AdaptiveConcurrency(3), threading.Semaphore(0), threading.Event()

    def exclusive() -> None:
        with admission.exclusive():
            inside.release()
            leave.wait(30)

    waiting = [threading.Thread(target=exclusive) for _ in range(2)]
    with admission.shared():
        for thread in waiting:
            thread.start()
        came = [inside.acquire(timeout=30.0 if entered else 0.3) for _ in waiting]
        assert came.count(True) == entered
        leave.set()
    for thread in waiting:
        thread.join(30)
    assert not any(thread.is_alive() for thread in waiting)
    with admission.shared(), admission.shared(), admission.shared():
        pass

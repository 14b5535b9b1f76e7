"""Who goes alone should be alone: nobody inside with them, nobody locked out for ever."""

from __future__ import annotations

import threading

from poolgate.crowding import Crowd


def test_alone_waits_for_all_and_keeps_all_out() -> None:
    crowd, inside, seen = Crowd(), set[int](), list[set[int]]()
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


def test_three_side_by_side_before_and_after_one_alone() -> None:
    crowd = Crowd()
    with crowd.alone():
        pass
    with crowd.beside(), crowd.beside():
        pass
    with crowd.alone():
        pass

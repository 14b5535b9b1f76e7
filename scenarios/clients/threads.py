"""Runs what blocks in a thread of its own and awaits its end.

The threads are daemons: one that hangs for ever does not keep the worker from its end.
"""

import asyncio
import sys
import threading
import time
from functools import partial
from typing import Any, Callable, Coroutine, List, Tuple

Signal = Tuple[Callable[[], Any], Callable[[], Coroutine[Any, Any, None]]]
"""What a thread calls when it has ended, and what a task awaits until then."""

_started: List[threading.Thread] = []
POLL = 0.01
"""Seconds between two looks at whether threads have ended."""


async def in_thread(work: Callable[[], None]) -> None:
    """Run the work in a new thread, on asyncio or trio; raises what it raises.

    A cancelled wait leaves the thread to itself.
    """
    failures: List[Exception] = []
    wake, woken = _on_asyncio() if asyncio._get_running_loop() is not None else _on_trio()

    def run() -> None:
        try:
            work()
        except Exception as error:
            failures.append(error)
        wake()

    thread = threading.Thread(target=run, daemon=True)
    _started.append(thread)
    thread.start()
    await woken()
    if failures:
        raise failures[0]


def _on_asyncio() -> Signal:
    """A signal from a thread to a task of the running loop."""
    loop = asyncio.get_event_loop()
    done: "asyncio.Future[None]" = loop.create_future()

    def settle() -> None:
        if not done.done():
            done.set_result(None)

    async def woken() -> None:
        await done

    return partial(loop.call_soon_threadsafe, settle), woken


def _on_trio() -> Signal:
    """The same to a task of trio, which runs it: so it is imported already."""
    trio = sys.modules["trio"]  # type: Any
    done, token = trio.Event(), trio.lowlevel.current_trio_token()
    return partial(token.run_sync_soon, done.set), done.wait


async def all_ended(seconds: float) -> None:
    """Wait until every thread has ended, at most so long."""
    bound = time.monotonic() + seconds
    while any(thread.is_alive() for thread in _started) and time.monotonic() < bound:
        await asyncio.sleep(POLL)

"""Runs what blocks in a thread of its own and awaits its end.

The threads are daemons: one that hangs for ever does not keep the worker from its end.
"""

import asyncio
import threading
import time
from typing import Callable, List, Optional

_started: List[threading.Thread] = []
POLL = 0.01
"""Seconds between two looks at whether threads have ended."""


async def in_thread(work: Callable[[], None]) -> None:
    """Do the work in a new thread; raises what it raises. A cancelled wait leaves the thread to itself."""
    loop = asyncio.get_event_loop()
    done: "asyncio.Future[None]" = loop.create_future()

    def settle(error: Optional[Exception]) -> None:
        if done.done():
            return
        if error is None:
            done.set_result(None)
        else:
            done.set_exception(error)

    def run() -> None:
        failure: Optional[Exception] = None
        try:
            work()
        except Exception as error:
            failure = error
        loop.call_soon_threadsafe(settle, failure)

    thread = threading.Thread(target=run, daemon=True)
    _started.append(thread)
    thread.start()
    await done


async def all_ended(seconds: float) -> None:
    """Wait until every thread has ended, at most so long."""
    bound = time.monotonic() + seconds
    while any(thread.is_alive() for thread in _started) and time.monotonic() < bound:
        await asyncio.sleep(POLL)

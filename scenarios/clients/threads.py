"""Runs what blocks in a thread of its own and awaits its end.

The threads are daemons: one that hangs for ever does not keep the worker from its end.
"""

import asyncio
import threading
from typing import Callable, Optional


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

    threading.Thread(target=run, daemon=True).start()
    await done

"""The client's side on asyncio; `backend_trio` has the same names."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable
from typing import Any

import anyio

from .record import seen

TRIES = 1  # of each moment: asyncio runs tasks in order
STOPS: Any = (Exception, asyncio.CancelledError)
start_task, sleep, gather, all_ended = asyncio.ensure_future, asyncio.sleep, asyncio.gather, asyncio.wait
cancel_scope = anyio.CancelScope


def outcome_of(error: BaseException) -> str:
    return "cancelled" if isinstance(error, asyncio.CancelledError) else type(error).__name__


async def in_thread(work: Callable[[], Any]) -> None:
    """Run in a daemon: one that hangs does not delay the end of the script."""
    loop = asyncio.get_event_loop()
    done = loop.create_future()

    def settle(result: Any) -> None:
        if not done.done():
            done.set_result(result)

    def run() -> None:
        try:
            result = work()
        except Exception as error:
            result = error
        loop.call_soon_threadsafe(settle, result)

    threading.Thread(target=run, daemon=True).start()
    result = await done
    if isinstance(result, Exception):
        raise result


async def run_aside(work: Callable[[], Awaitable[Any]]) -> None:
    """Run on an event loop of its own, in a thread."""

    def run() -> None:
        loop = asyncio.new_event_loop()
        loop.run_until_complete(work())
        loop.close()

    await in_thread(run)


async def run_and_leave(work: Callable[[], Awaitable[Any]]) -> None:
    """Run on an event loop that ends with it, and record what the loop reports."""

    def record(_: Any, context: dict[str, Any]) -> None:
        if context.get("exception") is not None:
            seen.setdefault("close", (type(context["exception"]).__name__, 0.0))

    async def last() -> None:
        asyncio.get_event_loop().set_exception_handler(record)
        await work()
        await asyncio.get_event_loop().shutdown_asyncgens()

    await run_aside(last)

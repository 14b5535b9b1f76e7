"""The client's side on trio; `backend_asyncio` has the same names."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import trio


class Task:
    """A task in parallel with the others, which keeps what it raises."""

    error: Exception | None

    def __init__(self, work: Awaitable[Any]) -> None:
        self.work, self.scope, self.ended, self.error = work, trio.CancelScope(), trio.Event(), None
        self.cancel, self.done = self.scope.cancel, self.ended.is_set
        trio.lowlevel.spawn_system_task(self.run)

    async def run(self) -> None:
        try:
            with self.scope:
                await self.work
        except Exception as error:
            self.error = error
        self.ended.set()

    def exception(self) -> Any:
        return self.error

    def result(self) -> None:
        if self.error is not None:
            raise self.error


TRIES = 8  # of each moment in which another task can go on too: trio runs them in any order
STOPS: Any = BaseException  # a nursery may make a group of cancellations
start_task, sleep, cancel_scope = Task, trio.sleep, trio.CancelScope


def outcome_of(error: BaseException) -> str:
    return type(error).__name__ if isinstance(error, Exception) else "cancelled"


async def all_ended(tasks: Sequence[Task], timeout: float) -> None:
    """Wait for all, or so many seconds."""
    with trio.move_on_after(timeout):
        for task in tasks:
            await task.ended.wait()


async def gather(*works: Awaitable[Any]) -> list[Any]:
    results = [None] * len(works)

    async def one(n: int, work: Any) -> None:
        results[n] = await work

    async with trio.open_nursery() as nursery:
        for n, work in enumerate(works):
            nursery.start_soon(one, n, work)
            await trio.sleep(0)  # what is started together runs in any order
    return results


async def in_thread(work: Callable[[], Any]) -> None:
    await trio.to_thread.run_sync(work)


async def run_aside(work: Callable[[], Awaitable[Any]]) -> None:
    """Run on an event loop of its own, in a thread."""
    await trio.to_thread.run_sync(trio.run, work)


async def run_and_leave(work: Callable[[], Awaitable[Any]]) -> None:
    await run_aside(work)

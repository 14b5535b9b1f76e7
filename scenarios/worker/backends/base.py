"""The interface of the two backends on which a load runs: asyncio and trio."""

import importlib
from typing import Any, Callable, Coroutine, List, Type

Work = Callable[[], Coroutine[Any, Any, None]]
"""A function whose result is awaited: each backend starts its own tasks."""


class Way:
    cancelled: Type[BaseException]
    """The exception that a cancelled task raises."""

    def means_cancelled(self, error: BaseException) -> bool:
        """Return True for a cancellation, also for a group of nothing else: a trio nursery may make one of it."""
        members = getattr(error, "exceptions", ())
        return isinstance(error, self.cancelled) or (bool(members) and all(map(self.means_cancelled, members)))

    def run(self, main: Work) -> None:
        """Run to the end, on a new loop; abandon work that hangs, where the backend can."""
        raise NotImplementedError

    def run_aside(self, main: Work) -> None:
        """Run to the end, on a new loop, and leave nothing behind."""
        raise NotImplementedError

    def run_and_leave(self, main: Work, complained: Callable[[BaseException], None]) -> None:
        """Run to the end and stop as a program stops its loop, with open connections; `complained` gets the loop's
        errors.

        Trio only logs such errors.
        """
        raise NotImplementedError

    async def sleep(self, seconds: float) -> None:
        raise NotImplementedError

    async def gather(self, works: List[Work]) -> None:
        """Run all of these concurrently, a task each, started in their order; until all of them have ended."""
        raise NotImplementedError

    async def cancel_tasks(self, works: List[Work], wait: float) -> None:
        """Run all of these concurrently, cancelled the native way after `wait` seconds."""
        raise NotImplementedError

    async def cancel_scope(self, works: List[Work], wait: float) -> None:
        """Run all of these concurrently in a real anyio scope, which is cancelled after `wait` seconds."""
        anyio = importlib.import_module("anyio")
        async with anyio.create_task_group() as group:
            for work in works:
                group.start_soon(work)
            await self.sleep(wait)
            group.cancel_scope.cancel()

    async def cancel_at_first(self, works: List[Work], style: str) -> None:
        """Run all of these concurrently; the first that ends cancels the others, and this waits for their end.

        The style is `native`, or `level`, which is a real anyio scope.
        """
        anyio = importlib.import_module("anyio")

        async def ending(work: Work) -> None:
            await work()
            group.cancel_scope.cancel()

        async with anyio.create_task_group() as group:
            for work in works:
                group.start_soon(ending, work)
                # Trio runs tasks that start together in any order.
                await self.sleep(0)

    async def cancel_after(self, work: Work, seconds: float, style: str) -> None:
        """Run one work and cancel it after `seconds`: `native`, under `wait_for`, or in a real anyio scope
        (`level`).
        """
        anyio = importlib.import_module("anyio")
        with anyio.move_on_after(seconds):
            await work()

    async def within(self, work: Work, seconds: float, told: Callable[[], None], grace: float) -> None:
        """Run work for at most `seconds`; work that hangs is reported, then cancelled, and has `grace` seconds
        to end.
        """
        raise NotImplementedError

    def semaphore(self, slots: int) -> Any:
        """Return a semaphore, entered by `async with`."""
        raise NotImplementedError

    async def shielded(self, work: Work) -> None:
        """Run work to its end even where the caller is cancelled."""
        raise NotImplementedError

    def call_later(self, seconds: float, function: Callable[[], None]) -> Callable[[], Any]:
        """Call a function after `seconds`; returns a function that cancels the call."""
        raise NotImplementedError


def way_of(backend: str) -> Way:
    """Return the backend of this name, imported only when it is requested."""
    module = importlib.import_module("." + backend + "_way", __package__)
    way: Way = module.WAY()
    return way

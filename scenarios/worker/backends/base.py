"""The two ways in which a load runs: on asyncio and on trio. What differs between them is behind this one interface."""

import importlib
from typing import Any, Callable, Coroutine, List, Type

Work = Callable[[], Coroutine[Any, Any, None]]
"""What is awaited once it is called: every way starts its own tasks."""


class Way:
    cancelled: Type[BaseException]
    """What a task raises that is cancelled."""

    def means_cancelled(self, error: BaseException) -> bool:
        """Whether this is a cancellation, also as a group of nothing else: a nursery of trio may make one of it."""
        members = getattr(error, "exceptions", ())
        return isinstance(error, self.cancelled) or (bool(members) and all(map(self.means_cancelled, members)))

    def run(self, main: Work) -> None:
        """Run to the end, on a loop of its own; what hangs is left behind where that can be."""
        raise NotImplementedError

    def run_aside(self, main: Work) -> None:
        """The same, and leave nothing behind."""
        raise NotImplementedError

    def run_and_leave(self, main: Work, complained: Callable[[BaseException], None]) -> None:
        """The same, ended as a program ends its loop, with all that it left open; what the loop complains of is told.

        Trio says such things to a log alone.
        """
        raise NotImplementedError

    async def sleep(self, seconds: float) -> None:
        raise NotImplementedError

    async def gather(self, works: List[Work]) -> None:
        """All of these at once, a task each, started in their order; until all of them have ended."""
        raise NotImplementedError

    async def cancel_tasks(self, works: List[Work], wait: float) -> None:
        """All of these at once, cancelled the native way after `wait` seconds."""
        raise NotImplementedError

    async def cancel_scope(self, works: List[Work], wait: float) -> None:
        """All of these at once in a real scope of anyio, which is cancelled after `wait` seconds."""
        anyio = importlib.import_module("anyio")
        async with anyio.create_task_group() as group:
            for work in works:
                group.start_soon(work)
            await self.sleep(wait)
            group.cancel_scope.cancel()

    async def cancel_at_first(self, works: List[Work], style: str) -> None:
        """All of these at once; whoever ends first cancels the others, and this waits for their end.

        The style is `native`, or `level`, which is a real scope of anyio.
        """
        anyio = importlib.import_module("anyio")

        async def ending(work: Work) -> None:
            await work()
            group.cancel_scope.cancel()

        async with anyio.create_task_group() as group:
            for work in works:
                group.start_soon(ending, work)
                # What is started together runs in any order on trio.
                await self.sleep(0)

    async def cancel_after(self, work: Work, seconds: float, style: str) -> None:
        """One work, cancelled after so long: `native`, under `wait_for`, or in a real scope of anyio (`level`)."""
        anyio = importlib.import_module("anyio")
        with anyio.move_on_after(seconds):
            await work()

    async def within(self, work: Work, seconds: float, told: Callable[[], None], grace: float) -> None:
        """Run work to its end or for so long; what hangs is told, then cancelled, and has `grace` seconds to end."""
        raise NotImplementedError

    def semaphore(self, slots: int) -> Any:
        """A semaphore, entered by `async with`."""
        raise NotImplementedError

    async def shielded(self, work: Work) -> None:
        """Run work to its end even where the caller is cancelled."""
        raise NotImplementedError

    def call_later(self, seconds: float, function: Callable[[], None]) -> Callable[[], Any]:
        """Call a function then; what is returned takes that back."""
        raise NotImplementedError


def way_of(backend: str) -> Way:
    """The way that runs on this backend, which is only imported where it is asked for."""
    module = importlib.import_module("." + backend + "_way", __package__)
    way: Way = module.WAY()
    return way

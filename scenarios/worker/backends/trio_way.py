"""Run a load on trio. Every cancellation is level-triggered there, and no task can be left behind."""

import importlib
from typing import Any, Callable, List

from .base import Way, Work


class WAY(Way):
    def __init__(self) -> None:
        self._trio: Any = importlib.import_module("trio")
        self.cancelled = self._trio.Cancelled

    def run(self, main: Work) -> None:
        self._trio.run(main)

    def run_aside(self, main: Work) -> None:
        self._trio.run(main)

    def run_and_leave(self, main: Work, complained: Callable[[BaseException], None]) -> None:
        self._trio.run(main)

    async def sleep(self, seconds: float) -> None:
        await self._trio.sleep(seconds)

    async def gather(self, works: List[Work]) -> None:
        async with self._trio.open_nursery() as nursery:
            await self._start(nursery, works)

    async def cancel_tasks(self, works: List[Work], wait: float) -> None:
        async with self._trio.open_nursery() as nursery:
            await self._start(nursery, works)
            await self._trio.sleep(wait)
            nursery.cancel_scope.cancel()

    async def within(self, work: Work, seconds: float, told: Callable[[], None], grace: float) -> None:
        # The harness ends work that outlives its grace, together with the worker.
        done = self._trio.Event()
        raised: List[Exception] = []

        async def watched() -> None:
            # A nursery would wrap it in a group.
            try:
                await work()
            except Exception as error:
                raised.append(error)
            done.set()

        async with self._trio.open_nursery() as nursery:
            nursery.start_soon(watched)
            with self._trio.move_on_after(seconds):
                await done.wait()
            if not done.is_set():
                told()
                nursery.cancel_scope.cancel()
        if raised:
            raise raised[0]

    def semaphore(self, slots: int) -> Any:
        return self._trio.Semaphore(slots)

    async def shielded(self, work: Work) -> None:
        with self._trio.CancelScope(shield=True):
            await work()

    def call_later(self, seconds: float, function: Callable[[], None]) -> Callable[[], Any]:
        # Trio has no timers: a system task, which no other task sees, takes its place.
        scope = self._trio.CancelScope()

        async def later() -> None:
            with scope:
                await self._trio.sleep(seconds)
                function()

        self._trio.lowlevel.spawn_system_task(later)
        cancel: Callable[[], Any] = scope.cancel
        return cancel

    async def _start(self, nursery: Any, works: List[Work]) -> None:
        """Start works one after another: trio runs tasks that start together in any order, and a queue is first come
        first served.
        """
        for work in works:
            nursery.start_soon(work)
            await self._trio.sleep(0)

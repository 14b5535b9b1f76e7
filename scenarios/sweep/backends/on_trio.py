"""A sweep on trio, for its scheduler, where every cancellation is that of a scope."""

import importlib
from typing import Any, Awaitable, Callable, Coroutine, Dict, List, Optional

from ..cancel_at_step import Fuse


class Handle:
    """A task and its end; its errors are dropped, as for a task of asyncio whose result is never read."""

    def __init__(self, trio: Any) -> None:
        self._trio = trio
        self._scope = trio.CancelScope()
        self.ended = trio.Event()

    async def run(self, coroutine: Coroutine[Any, Any, None]) -> None:
        try:
            with self._scope:
                await coroutine
        except Exception:
            pass
        finally:
            self.ended.set()

    def cancel(self) -> None:
        self._scope.cancel()


class OnTrio:
    name = "trio"

    def __init__(self) -> None:
        self._trio: Any = importlib.import_module("trio")
        self._idle: Optional[Callable[[], bool]] = None
        self._nursery: Any = None

    def run(self, main: Callable[[], Coroutine[Any, Any, None]]) -> None:
        trio = self._trio
        tell = type("Idle", (trio.abc.Instrument,), {"before_io_wait": lambda _, timeout: self._before_sleep(timeout)})

        failed: List[Exception] = []

        async def whole() -> None:
            async with trio.open_nursery() as self._nursery:
                try:
                    await main()
                except Exception as error:
                    failed.append(error)  # a nursery would wrap it up in a group
                self._nursery.cancel_scope.cancel()

        trio.run(whole, instruments=[tell()])
        for error in failed:
            raise error

    def time(self) -> float:
        return float(self._trio.current_time())

    async def sleep(self, seconds: float) -> None:
        await self._trio.sleep(seconds)

    def spawn(self, coroutine: Coroutine[Any, Any, None]) -> Handle:
        """Start a task; also from `idle`, where the scheduler has to be woken for it."""
        handle = Handle(self._trio)
        token = self._trio.lowlevel.current_trio_token()
        token.run_sync_soon(self._nursery.start_soon, handle.run, coroutine)
        return handle

    async def wait(self, tasks: List[Handle], seconds: float) -> bool:
        """Wait for their end, in any way; returns False if one of them has not ended in time."""
        with self._trio.move_on_after(seconds):
            for task in tasks:
                await task.ended.wait()
        return all(task.ended.is_set() for task in tasks)

    def when_idle(self, idle: Optional[Callable[[], bool]]) -> None:
        """Call this whenever no task can run."""
        self._idle = idle

    def _before_sleep(self, timeout: float) -> None:
        if self._idle is not None and timeout > 0:
            self._idle()

    def styles(self) -> Dict[str, Callable[[Awaitable[None], Fuse], Coroutine[Any, Any, None]]]:
        """Return the only style: a scope, asserted until the task ends."""
        return {"level": self._level}

    def edge(self, style: str) -> bool:
        """Return whether a cancellation can hit a task that is about to be resumed: never."""
        return False

    def chances(self, style: str) -> int:
        """Return how often a moment is aimed at."""
        return 2

    async def _level(self, victim: Awaitable[None], fuse: Fuse) -> None:
        with self._trio.CancelScope() as scope:
            fuse.cancel = scope.cancel
            await victim

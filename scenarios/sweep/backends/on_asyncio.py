"""A sweep on asyncio: its event loop, which detects when it has nothing to do, and the cancellation styles.

A style is an async function that runs a victim and gives the fuse a function that cancels it. Timers that a style sets
fire when the fuse needs them: they are recognised by their delay, which no other code uses.
"""

import asyncio
import importlib
import selectors
import time
from typing import Any, Awaitable, Callable, Coroutine, Dict, List, Optional

from ..cancel_at_step import Fuse

NEVER = 1e6
"""Seconds of a timer that the fuse fires; longer than any wait of a client or a scenario."""


SETTLED = 0.001
"""Seconds without an event after which a group of events is complete."""
BUSY = 50
"""Iterations after which a steady network delivers even though the loop has work: some clients poll in every
iteration.
"""

Style = Callable[[Awaitable[None], Fuse], Coroutine[Any, Any, None]]


class Selector(selectors.DefaultSelector):  # type: ignore[misc,valid-type,unused-ignore]
    """A selector that reports each iteration of the loop, and when it is about to sleep with nothing to do.

    A `steady` one is a network that delivers nothing as long as the loop has work, and everything at once then: which
    iteration sees an answer is not a matter of chance.
    """

    steady = False
    _busy = 0

    idle: Optional[Callable[[], bool]] = None
    """Called before sleeping; returns True if it gave the loop something to do."""
    turned: Optional[Callable[[], bool]] = None
    """Called in every iteration; returns True if it gave the loop something to do."""

    def select(self, timeout: Optional[float] = None) -> List[Any]:
        if self.turned is not None and self.turned():
            timeout = 0
        if self.steady:
            return self._steadily(timeout)
        if self.idle is None or (timeout is not None and timeout <= 0):
            return list(super().select(timeout))
        events = list(super().select(0))
        if events:
            return events
        return list(super().select(0 if self.idle() else timeout))

    def _steadily(self, timeout: Optional[float]) -> List[Any]:
        if timeout is not None and timeout <= 0 and self._busy < BUSY:
            self._busy += 1
            return []
        self._busy = 0
        if timeout is None or timeout > SETTLED:
            if not super().select(SETTLED) and not (self.idle is not None and self.idle()):
                super().select(timeout)
            time.sleep(SETTLED)
        return list(super().select(0))


class Loop(asyncio.SelectorEventLoop):
    """An event loop; `last` is the timer that a style set last."""

    last: Optional[asyncio.TimerHandle] = None

    # Whatever this Python's takes.
    def call_at(  # type: ignore[override,unused-ignore]
        self, when: float, callback: Callable[..., Any], *args: Any, **kwargs: Any
    ) -> asyncio.TimerHandle:
        handle = super().call_at(when, callback, *args, **kwargs)
        if when - self.time() > NEVER / 2:
            self.last = handle
        return handle


class OnAsyncio:
    name = "asyncio"

    def __init__(self) -> None:
        self._selector = Selector()
        self._loop = Loop(self._selector)
        # The remains of a leaking pool complain when they are collected; the history does not need that.
        self._loop.set_exception_handler(lambda loop, context: None)

    def run(self, main: Callable[[], Coroutine[Any, Any, None]]) -> None:
        """Run to the end; abandoned tasks stay where they are."""
        asyncio.set_event_loop(self._loop)
        self._loop.run_until_complete(main())

    def close(self) -> None:
        """Give up the loop, with whatever is left on it; a worker ends anyway."""
        asyncio.set_event_loop(None)
        self._loop.close()

    def time(self) -> float:
        return self._loop.time()

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)

    def spawn(self, coroutine: Coroutine[Any, Any, None]) -> "asyncio.Task[None]":
        """Start a task; also from `idle`."""
        return self._loop.create_task(coroutine)

    async def wait(self, tasks: List[Any], seconds: float) -> bool:
        """Wait for their end, however it is; False where one of them has not ended in time."""
        _, pending = await asyncio.wait(tasks, timeout=seconds)
        return not pending

    def when_idle(self, idle: Optional[Callable[[], bool]], steady: bool = False) -> None:
        """Call this whenever there is nothing to do; it returns True if it spawned something. `steady`: see
        Selector.
        """
        self._selector.idle = idle
        self._selector.steady = steady

    def each_turn(self, turned: Optional[Callable[[], bool]]) -> None:
        """Call this in every iteration of the loop, before it polls for events; it returns True if it gave it work."""
        self._selector.turned = turned

    def styles(self) -> Dict[str, Style]:
        """Return the styles that this Python and environment have, by their names."""
        found: Dict[str, Style] = {
            "native": self._native,
            "double": self._native,
            "level": self._level,
            "wait_for": self._wait_for,
        }
        if hasattr(asyncio, "timeout"):
            found["timeout"] = self._timeout
        return found

    def edge(self, style: str) -> bool:
        """Return True if a style cancels once, at any moment, so that it can hit a task that is about to be resumed.

        A scope looks for tasks that wait; `wait_for` before Python 3.12 needs an iteration of the loop to cancel its
        task.
        """
        return style in {"native", "double", "timeout"} or (style == "wait_for" and not WAITS_IN_A_TASK)

    def chances(self, style: str) -> int:
        """Return how often a moment is aimed at: more often where the loop decides where a cancellation lands."""
        return 4 if style == "wait_for" and WAITS_IN_A_TASK else 2

    async def _native(self, victim: Awaitable[None], fuse: Fuse) -> None:
        task = _current_task()
        fuse.cancel = task.cancel
        await victim

    async def _level(self, victim: Awaitable[None], fuse: Fuse) -> None:
        with importlib.import_module("anyio").CancelScope() as scope:
            fuse.cancel = scope.cancel
            await victim

    async def _wait_for(self, victim: Awaitable[None], fuse: Fuse) -> None:
        fuse.cancel = self._set_off
        await asyncio.wait_for(victim, NEVER)

    async def _timeout(self, victim: Awaitable[None], fuse: Fuse) -> None:
        fuse.cancel = self._set_off
        async with getattr(asyncio, "timeout")(NEVER):  # noqa: B009 - Python 3.6 has none
            await victim

    def _set_off(self) -> None:
        """Do now what the style's timer would do in the end."""
        assert self._loop.last is not None
        handle, self._loop.last = self._loop.last, None
        handle._run()
        handle.cancel()


WAITS_IN_A_TASK = "timeouts" not in asyncio.wait_for.__code__.co_names


def _current_task() -> Any:
    """Return the current task; in Python 3.6 this is a method of the task class."""
    module: Any = asyncio
    return (module if hasattr(module, "current_task") else module.Task).current_task()

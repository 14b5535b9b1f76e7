"""Run a load on asyncio."""

import asyncio
from contextlib import suppress
from typing import Any, Callable, Dict, List

from .base import Way, Work


class WAY(Way):
    cancelled = asyncio.CancelledError

    def run(self, main: Work) -> None:
        loop = asyncio.new_event_loop()
        asyncio.set_event_loop(loop)
        loop.run_until_complete(main())

    def run_aside(self, main: Work) -> None:
        loop = asyncio.new_event_loop()
        asyncio.set_event_loop(loop)
        try:
            loop.run_until_complete(main())
        finally:
            asyncio.set_event_loop(None)
            loop.close()

    def run_and_leave(self, main: Work, complained: Callable[[BaseException], None]) -> None:
        def told(_: Any, context: Dict[str, Any]) -> None:
            if context.get("exception") is not None:
                complained(context["exception"])

        async def to_the_end() -> None:
            asyncio.get_event_loop().set_exception_handler(told)
            await main()
            # `asyncio.run` does the same before it closes its loop.
            await asyncio.get_event_loop().shutdown_asyncgens()

        self.run_aside(to_the_end)

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)

    async def gather(self, works: List[Work]) -> None:
        await asyncio.gather(*[work() for work in works])

    async def cancel_tasks(self, works: List[Work], wait: float) -> None:
        tasks = [asyncio.ensure_future(work()) for work in works]
        await asyncio.sleep(wait)
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)

    async def cancel_at_first(self, works: List[Work], style: str) -> None:
        if style == "level":
            await super().cancel_at_first(works, style)
            return
        tasks = [asyncio.ensure_future(work()) for work in works]
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)

    async def cancel_after(self, work: Work, seconds: float, style: str) -> None:
        if style == "level":
            await super().cancel_after(work, seconds, style)
        elif style == "wait_for":
            with suppress(asyncio.TimeoutError):
                await asyncio.wait_for(work(), seconds)
        else:
            task = asyncio.ensure_future(work())
            timer = asyncio.get_event_loop().call_later(seconds, task.cancel)
            await asyncio.wait([task])
            timer.cancel()

    async def within(self, work: Work, seconds: float, told: Callable[[], None], grace: float) -> None:
        task = asyncio.ensure_future(work())
        done, _ = await asyncio.wait([task], timeout=seconds)
        if not done:
            told()
            task.cancel()
            done, _ = await asyncio.wait([task], timeout=grace)
        for ended in done:
            if not ended.cancelled():
                ended.result()

    def semaphore(self, slots: int) -> Any:
        return asyncio.Semaphore(slots)

    async def shielded(self, work: Work) -> None:
        await asyncio.shield(work())

    def call_later(self, seconds: float, function: Callable[[], None]) -> Callable[[], Any]:
        # A timer: it adds neither a task nor a suspension.
        return asyncio.get_event_loop().call_later(seconds, function).cancel

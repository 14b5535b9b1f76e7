"""Cancellation by `Task.cancel()`; the modules `cancel_*` have the same names."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Sequence
from typing import Any


async def cancel_after(work: Coroutine[Any, Any, None], seconds: float) -> None:
    task = asyncio.ensure_future(work)
    timer = asyncio.get_event_loop().call_later(seconds, task.cancel)
    await asyncio.wait([task])
    timer.cancel()


async def cancel_all(works: Sequence[Coroutine[Any, Any, None]], seconds: float) -> None:
    tasks = [asyncio.ensure_future(work) for work in works]
    await asyncio.sleep(seconds)
    for task in tasks:
        task.cancel()
    await asyncio.wait(tasks)


async def cancel_others(works: Sequence[Coroutine[Any, Any, None]]) -> None:
    tasks = [asyncio.ensure_future(work) for work in works]
    await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    for task in tasks:
        task.cancel()
    await asyncio.wait(tasks)

"""Cancellation by a scope of anyio."""

from __future__ import annotations

from collections.abc import Awaitable, Sequence
from typing import Any

import anyio


async def cancel_after(work: Awaitable[Any], seconds: float) -> None:
    with anyio.move_on_after(seconds):
        await work


async def cancel_all(works: Sequence[Awaitable[Any]], seconds: float) -> None:
    async with anyio.create_task_group() as group:
        for work in works:
            group.start_soon(awaited, work)
        await anyio.sleep(seconds)
        group.cancel_scope.cancel()


async def cancel_others(works: Sequence[Awaitable[Any]]) -> None:
    async def ending(work: Awaitable[Any]) -> None:
        await work
        group.cancel_scope.cancel()

    async with anyio.create_task_group() as group:
        for work in works:
            group.start_soon(ending, work)


async def awaited(work: Awaitable[Any]) -> None:
    await work

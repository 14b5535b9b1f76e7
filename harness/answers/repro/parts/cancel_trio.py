"""Cancellation on trio: by a scope."""

from __future__ import annotations

from collections.abc import Awaitable, Sequence
from typing import Any

import trio

from .backend_trio import gather


async def cancel_after(work: Awaitable[Any], seconds: float) -> None:
    with trio.move_on_after(seconds):
        await work


async def cancel_all(works: Sequence[Awaitable[Any]], seconds: float) -> None:
    with trio.move_on_after(seconds):
        await gather(*works)


async def cancel_others(works: Sequence[Awaitable[Any]]) -> None:
    async def ending(work: Awaitable[Any]) -> None:
        await work
        scope.cancel()

    with trio.CancelScope() as scope:
        await gather(*[ending(work) for work in works])

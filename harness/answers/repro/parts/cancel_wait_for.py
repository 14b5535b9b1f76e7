"""Cancellation by `asyncio.wait_for`."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from contextlib import suppress
from typing import Any


async def cancel_after(work: Awaitable[Any], seconds: float) -> None:
    with suppress(asyncio.TimeoutError):
        await asyncio.wait_for(work, seconds)

"""Whether a pool of one slot serves; `bursts` has a `serves` of its own."""

from __future__ import annotations

from ....scenarios.declaration.scenario import Request
from .backend_asyncio import all_ended, start_task
from .facts import COUNTED, Client, get
from .server import url


async def serves(client: Client, seconds: float) -> bool:
    """Return whether the slot of the pool is there."""
    task = start_task(get(client, url(COUNTED, "count", 0.0), Request("count", 0.0, 400.0)))
    await all_ended([task], timeout=seconds)
    return task.done() and task.exception() is None

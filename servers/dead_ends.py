"""Ports behind which nobody answers: they refuse, or never accept, or accept and then say nothing."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

FILLING = 4
"""Connections that are more than a backlog of none holds, on any system."""


@asynccontextmanager
async def refused_door(bound: socket.socket) -> AsyncIterator[None]:
    """A port that is ours and does not listen: connecting is refused, and nobody else can take it meanwhile."""
    with bound:
        yield


@asynccontextmanager
async def full_door(listener: socket.socket) -> AsyncIterator[None]:
    """A port whose backlog is full: who connects waits in vain, since nobody ever accepts."""
    with contextlib.ExitStack() as held:
        held.enter_context(listener)
        listener.listen(0)
        for _ in range(FILLING):
            filling = held.enter_context(socket.socket())
            filling.setblocking(False)
            filling.connect_ex(listener.getsockname())
        yield


async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Read whatever comes, until the client goes away, and never answer a byte."""
    while await reader.read(64 * 1024):
        pass

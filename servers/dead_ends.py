"""Ports without an answer: they refuse, or never accept, or accept and then send nothing."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

FILLING = 4
"""Connections, more than a backlog of zero holds on any system."""


@asynccontextmanager
async def refused_door(bound: socket.socket) -> AsyncIterator[None]:
    """Hold a port that does not listen: connections are refused, and no other program can take the port."""
    with bound:
        yield


@asynccontextmanager
async def full_door(listener: socket.socket) -> AsyncIterator[None]:
    """Hold a port whose backlog is full: connecting waits in vain, as nothing ever accepts."""
    with contextlib.ExitStack() as held:
        held.enter_context(listener)
        listener.listen(0)
        for _ in range(FILLING):
            filling = held.enter_context(socket.socket())
            filling.setblocking(False)
            filling.connect_ex(listener.getsockname())
        yield


async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Read everything until the client disconnects, and never send a byte."""
    while await reader.read(64 * 1024):
        pass

"""Ports behind which nobody answers: one that refuses, and one that accepts and then says nothing."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager


@asynccontextmanager
async def refused_door(bound: socket.socket) -> AsyncIterator[None]:
    """A port that is ours and does not listen: connecting is refused, and nobody else can take it meanwhile."""
    with bound:
        yield


async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Read whatever comes, until the client goes away, and never answer a byte."""
    while await reader.read(64 * 1024):
        pass

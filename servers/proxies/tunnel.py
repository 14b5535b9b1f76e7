"""The parts that every proxy shares: accept, connect to a target on loopback only, and pass bytes on."""

from __future__ import annotations

import asyncio
import ipaddress
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress

_PIECE = 64 * 1024

Way = tuple[asyncio.StreamReader, asyncio.StreamWriter]
"""A connection, to read from and to write to."""
Serve = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
"""Serves one connection of a client; the connection is closed when it returns."""


class NotLoopbackError(Exception):
    """The target of a proxy is outside this machine."""


async def connect(host: str, port: int) -> Way:
    """Connect to a port of this machine; raises NotLoopbackError for a host that is elsewhere, or OSError."""
    try:
        local = host == "localhost" or ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        local = False
    if not local:
        raise NotLoopbackError(f"{host} is not on loopback")
    # Every door is on 127.0.0.1.
    return await asyncio.open_connection("127.0.0.1" if host == "localhost" else host.strip("[]"), port)


@asynccontextmanager
async def connected(host: str, port: int) -> AsyncIterator[Way]:
    """Yield a connection to a port of this machine, closed after the block."""
    reader, writer = await connect(host, port)
    try:
        yield reader, writer
    finally:
        writer.close()


async def splice(one: Way, other: Way) -> None:
    """Pass bytes on both ways until both have ended; where one breaks, abort both."""
    pumps = [asyncio.create_task(_pump(one[0], other[1])), asyncio.create_task(_pump(other[0], one[1]))]
    try:
        await asyncio.gather(*pumps)
    except OSError:
        one[1].transport.abort()
        other[1].transport.abort()
    finally:
        for pump in pumps:
            pump.cancel()


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while data := await reader.read(_PIECE):
        writer.write(data)
        await writer.drain()
    writer.write_eof()


@asynccontextmanager
async def proxy_door(serve: Serve, listener: socket.socket) -> AsyncIterator[None]:
    """Serve a door within the block; its connections end with it."""
    work: set[asyncio.Task[None]] = set()

    async def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            # A client may disconnect at any moment, and so may its target.
            with suppress(OSError, EOFError):
                await serve(reader, writer)
        finally:
            writer.close()

    def accepted(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.create_task(accept(reader, writer))
        work.add(task)
        task.add_done_callback(work.discard)

    server = await asyncio.start_server(accepted, sock=listener, backlog=socket.SOMAXCONN)
    try:
        yield
    finally:
        server.close()
        for task in work:
            task.cancel()
        await asyncio.gather(*work, return_exceptions=True)

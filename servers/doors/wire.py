"""The parts that the wire doors share: a connection that can be broken, and an ASGI server's part of one request.

The application is the same as behind Hypercorn, so a wire door holds, counts and cuts requests as every other does.
Only its actions on the connection are its own.
"""

from __future__ import annotations

import asyncio
import socket
import ssl
import struct
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from typing import ClassVar
from urllib.parse import unquote

from starlette.types import ASGIApp, Message, Scope

from ..account import How
from ..fault_endpoint import EXCHANGE, Fault

_RESET = struct.pack("ii", 1, 0)
"""SO_LINGER, on, with zero time: closing then sends a RST."""


class Wire(asyncio.Protocol):
    """One connection; `version` is that of HTTP, as ASGI calls it."""

    version: ClassVar[str]
    transport: asyncio.Transport

    def __init__(self, app: ASGIApp, door: set[Wire]) -> None:
        self._app = app
        self._door = door
        self._room = asyncio.Event()
        self._room.set()
        self._work: set[asyncio.Task[None]] = set()
        self.exchanges: set[Exchange] = set()
        self.broken = False
        """Whether the server ended the connection."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        self._socket = transport.get_extra_info("socket")
        self.secure = transport.get_extra_info("ssl_object") is not None
        self._door.add(self)

    def connection_lost(self, exc: Exception | None) -> None:
        self._door.discard(self)
        self._room.set()
        for exchange in list(self.exchanges):
            exchange.leave("fault" if self.broken else "disconnected")

    def pause_writing(self) -> None:
        self._room.clear()

    def resume_writing(self) -> None:
        self._room.set()

    async def write(self, data: bytes) -> None:
        """Send, and wait while the client reads too slowly; does not suspend where there is room."""
        if not self.transport.is_closing():
            self.transport.write(data)
            await self._room.wait()

    def reset(self) -> None:
        """End the connection with a RST."""
        self.broken = True
        with suppress(OSError):  # it was ended by the client
            self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
        self.transport.abort()

    def close(self) -> None:
        """End the connection with a FIN, after what was sent."""
        self.broken = True
        for exchange in list(self.exchanges):
            exchange.leave("fault")
        if self.transport.is_closing():
            return
        self.transport.close()
        if self.secure and self.transport.get_write_buffer_size() == 0:
            # asyncio has announced the end of TLS, but keeps the connection until the client does so too.
            self.shut()

    def shut(self) -> None:
        """Send a FIN now; asyncio can't half-close a TLS connection."""
        with suppress(OSError):  # it was ended by the client
            self._socket.shutdown(socket.SHUT_WR)

    def scope(self, method: bytes, target: bytes) -> Scope:
        """Return the ASGI scope of a request, without headers: no endpoint reads any."""
        path, _, query = target.partition(b"?")
        return {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": self.version,
            "method": method.decode("ascii"),
            "scheme": "https" if self.secure else "http",
            "path": unquote(path.decode("ascii")),
            "raw_path": path,
            "query_string": query,
            "root_path": "",
            "headers": [],
            "client": self.transport.get_extra_info("peername"),
            "server": self.transport.get_extra_info("sockname"),
        }

    def run(self, exchange: Exchange, scope: Scope) -> None:
        """Let the application answer."""
        self.exchanges.add(exchange)
        work = asyncio.get_running_loop().create_task(self._answer(exchange, scope))
        self._work.add(work)
        work.add_done_callback(self._work.discard)

    async def _answer(self, exchange: Exchange, scope: Scope) -> None:
        scope["extensions"] = {EXCHANGE: exchange}
        try:
            await self._app(scope, exchange.receive, exchange.send)
        finally:
            self.exchanges.discard(exchange)
            exchange.over()


class Exchange:
    """One request and its response; `faults` are the faults of this door."""

    faults: ClassVar[Mapping[str, Fault]]

    def __init__(self, wire: Wire) -> None:
        self._wire = wire
        self._gone = False
        self._whole = False
        self._told = False
        self._news = asyncio.Event()
        self._how: How = "disconnected"
        self.reset = wire.reset
        self.close = wire.close

    @property
    def gone(self) -> bool:
        """Return True if the client is gone or the connection is closing."""
        return self._gone or self._wire.transport.is_closing()

    def leave(self, how: How) -> None:
        """Mark the exchange as abandoned by its client."""
        self._how = how
        self._gone = True
        self._news.set()

    def complete(self) -> None:
        """Mark the request as complete: its last byte has arrived."""
        self._whole = True
        self._news.set()

    def expect(self, fault: str) -> None:
        """Prepare for the fault that follows; most need no preparation."""

    async def receive(self) -> Message:
        """Wait for the end of the request, then for that of the exchange; the content of a body is dropped."""
        while not self._gone:
            if self._whole and not self._told:
                self._told = True
                return {"type": "http.request", "body": b"", "more_body": False}
            self._news.clear()
            await self._news.wait()
        return {"type": "http.disconnect", "how": self._how}

    async def send(self, message: Message) -> None:
        """Send a part of the response."""
        raise NotImplementedError

    def over(self) -> None:
        """Handle the return of the application; a response without an end is broken off."""
        raise NotImplementedError


@asynccontextmanager
async def wire_door(
    make: Callable[[set[Wire]], Wire], listener: socket.socket, context: ssl.SSLContext | None
) -> AsyncIterator[None]:
    """Serve a door within the block; `make` makes each connection for the set of the open ones."""
    wires: set[Wire] = set()
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: make(wires), sock=listener, ssl=context, backlog=socket.SOMAXCONN)
    try:
        yield
    finally:
        server.close()
        for wire in list(wires):
            wire.transport.abort()

"""Doors that a real Hypercorn opens, with everything turned off that it would do by itself."""

from __future__ import annotations

import asyncio
import socket
import ssl
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import cast

from hypercorn.asyncio import serve
from hypercorn.config import Config
from hypercorn.typing import Framework
from starlette.types import ASGIApp

FOREVER = 7 * 24 * 3600
"""Seconds that an idle connection is kept: which side closes it must never be the server's choice."""

Present = Callable[[ssl.SSLContext], None]
"""Gives a context the certificate that it presents."""


class _Config(Config):
    """The settings of one door; with `present` it speaks TLS, with HTTP/2 for a client that offers it."""

    def __init__(self, fd: int, present: Present | None) -> None:
        super().__init__()
        self._present = present
        self.bind = [f"fd://{fd}"]
        self.loglevel = "WARNING"
        self.keep_alive_timeout = FOREVER
        # The requests are cut and the process is bounded by ourselves; Hypercorn would complain about what it cancels.
        self.graceful_timeout = FOREVER
        # Hypercorn's own limits would look like the client's: it sends `connection: close` with the 1001st request of a
        # connection, and it listens anew, with a shorter queue than the socket came with.
        self.keep_alive_max_requests = sys.maxsize
        self.backlog = socket.SOMAXCONN

    @property
    def ssl_enabled(self) -> bool:
        return self._present is not None

    def create_ssl_context(self) -> ssl.SSLContext | None:
        """Hypercorn's own context, but with a certificate that lies in no file."""
        context = super().create_ssl_context()
        if context is not None and self._present is not None:
            self._present(context)
        return context


async def serve_door(app: ASGIApp, fd: int, present: Present | None, until: Callable[..., Awaitable[None]]) -> None:
    """Serve on a listening socket, which Hypercorn then owns, until `until` returns."""
    await serve(cast(Framework, app), _Config(fd, present), shutdown_trigger=until)


@asynccontextmanager
async def hypercorn_door(app: ASGIApp, listener: socket.socket, present: Present | None) -> AsyncIterator[None]:
    """Serve a door within the block; connecting waits in the socket's queue until Hypercorn accepts."""
    ended, opened = asyncio.Event(), asyncio.Event()

    async def until() -> None:
        opened.set()
        await ended.wait()

    serving = asyncio.create_task(serve_door(app, listener.detach(), present, until))
    waiting = asyncio.create_task(opened.wait())
    await asyncio.wait([serving, waiting], return_when=asyncio.FIRST_COMPLETED)
    waiting.cancel()
    try:
        yield
    finally:
        ended.set()
        await serving

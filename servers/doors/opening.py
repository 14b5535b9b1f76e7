"""The server's listeners (doors): loopback ports, each with a behaviour, opened on first request and open to the end.

Most of them serve the one application, so that a cell has one account whichever door a request takes. The requirements
of a door are imported when it is opened, which keeps the start of a server fast.
"""

from __future__ import annotations

import asyncio
import re
import socket
from contextlib import AsyncExitStack
from typing import TypedDict

from starlette.types import ASGIApp

from .kinds import KINDS, SECURE, Opening, certificates

STREAMS = 100
"""Streams that a client may have open on a connection of `wire-h2`, by default."""

_NAME = re.compile(r"([a-z0-9-]+)(?:#([1-9]|[12][0-9]|3[01]))?")


class UnknownDoorError(Exception):
    """An unknown door; the text lists the known ones."""


class Door(TypedDict):
    """The address of a door; `ca` is the authority that its clients have to trust, as PEM text, None without TLS."""

    name: str
    host: str
    port: int
    ca: str | None


class Doors:
    """The doors of one server; leaving the context closes them. `plain` is the address that is open already."""

    app: ASGIApp

    def __init__(self, plain: tuple[str, int]) -> None:
        host, port = plain
        self._plain = port
        self._open: dict[tuple[str, int], Door] = {
            ("plain", STREAMS): Door(name="plain", host=host, port=port, ca=None)
        }
        self._opening = asyncio.Lock()
        self._stack = AsyncExitStack()

    async def __aenter__(self) -> Doors:
        return self

    async def __aexit__(self, *exc_info: object) -> None:
        await self._stack.aclose()

    async def open(self, name: str, streams: int = STREAMS) -> Door:
        """Return the door of this name, opened if it is not open yet; raises UnknownDoorError.

        `streams` are the streams of one connection of `wire-h2`; each number is a door of its own.
        """
        found = _NAME.fullmatch(name)
        if found is None or found[1] not in KINDS:
            raise UnknownDoorError(f"there is no door {name!r}; there are {', '.join(KINDS)}, and #1 to #31 of each")
        if streams != STREAMS and found[1] != "wire-h2":
            raise UnknownDoorError(f"streams are a matter of wire-h2, not of {name}")
        async with self._opening:
            if (name, streams) not in self._open:
                self._open[name, streams] = await self._new(name, found[1], streams)
        return self._open[name, streams]

    async def _new(self, name: str, kind: str, streams: int) -> Door:
        bound = socket.socket()
        # Accepted sockets inherit it; asyncio sets it only on a socket that names its protocol.
        bound.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        bound.bind(("127.0.0.1", 0))
        host, port = bound.getsockname()
        if kind != "refused":
            # Listen before the server accepts, so that clients can connect as soon as the port is known.
            bound.listen(socket.SOMAXCONN)
        await self._stack.enter_async_context(KINDS[kind](Opening(self.app, bound, streams, self._plain)))
        return Door(name=name, host=host, port=port, ca=certificates().authority if kind in SECURE else None)

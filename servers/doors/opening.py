"""The server's doors: ports of loopback, each with a behaviour, opened when first asked for and open to the end.

Behind most of them is the one application, so that whatever door a request takes, its cell has one account. What a door
needs is imported when it is opened: a run that needs none starts as fast as ever.
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
"""Streams that a client may have open on a connection of `wire-h2`, where nobody says otherwise."""

_NAME = re.compile(r"([a-z0-9-]+)(?:#([1-9]|[12][0-9]|3[01]))?")


class UnknownDoorError(Exception):
    """There is no such door; the text says which there are."""


class Door(TypedDict):
    """Where a door is; `ca` is the authority that its clients have to trust, as PEM text, None without TLS."""

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
        """The door of this name, opened where it is not; raises UnknownDoorError.

        `streams` are what a client may have open on one connection of `wire-h2`; each number is a door of its own.
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
        # What is accepted inherits it; asyncio sees to that only where a socket names its protocol.
        bound.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        bound.bind(("127.0.0.1", 0))
        host, port = bound.getsockname()
        if kind != "refused":
            # Before anybody accepts: who knows the port can connect.
            bound.listen(socket.SOMAXCONN)
        await self._stack.enter_async_context(KINDS[kind](Opening(self.app, bound, streams, self._plain)))
        return Door(name=name, host=host, port=port, ca=certificates().authority if kind in SECURE else None)

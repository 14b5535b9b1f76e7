"""A SOCKS5 proxy (RFC 1928) without authentication, and variants that connect their clients to one port only.

It reads a client's two messages and answers each; available libraries implement only the client's half.
"""

from __future__ import annotations

import asyncio
import ipaddress
from collections.abc import Callable

from ..dead_ends import silent
from .tunnel import NotLoopbackError, connect, splice

_VERSION = 5
_NO_AUTHENTICATION, _NO_METHOD = 0, 0xFF
_CONNECT = 1
_IPV4, _NAME, _IPV6 = 1, 3, 4
_SUCCEEDED, _NOT_ALLOWED, _REFUSED, _NO_SUCH_COMMAND, _NO_SUCH_ADDRESS = 0, 2, 5, 7, 8


class _RefusedError(Exception):
    """A refusal with a reply code of the RFC."""

    def __init__(self, code: int) -> None:
        self.code = code


async def socks(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Connect the client to its target, on loopback only."""
    await _serve(reader, writer, lambda port: True)


async def socks_that_refuses(only: int, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Connect the client to this port, so that its pool can be counted, and refuse any other."""

    def allowed(port: int) -> bool:
        if port != only:
            raise _RefusedError(_NOT_ALLOWED)
        return True

    await _serve(reader, writer, allowed)


async def socks_that_is_silent(only: int, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Connect the client to this port, and never answer requests for any other."""
    await _serve(reader, writer, lambda port: port == only)


async def _serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, allowed: Callable[[int], bool]) -> None:
    if not await _greeted(reader, writer):
        return
    try:
        host, port = await _asked(reader)
        if not allowed(port):
            await silent(reader, writer)
            return
        way = await _connected(host, port)
    except _RefusedError as error:
        writer.write(_reply(error.code))
        return
    try:
        writer.write(_reply(_SUCCEEDED))
        await splice((reader, writer), way)
    finally:
        way[1].close()


async def _greeted(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
    version, count = await reader.readexactly(2)
    methods = await reader.readexactly(count)
    if version != _VERSION:
        return False
    agreed = _NO_AUTHENTICATION in methods
    writer.write(bytes([_VERSION, _NO_AUTHENTICATION if agreed else _NO_METHOD]))
    return agreed


async def _asked(reader: asyncio.StreamReader) -> tuple[str, int]:
    """Return the host and the port that the client wants."""
    _, command, _, kind = await reader.readexactly(4)
    if kind == _NAME:
        (length,) = await reader.readexactly(1)
        host = (await reader.readexactly(length)).decode("ascii", "replace")
    elif kind in (_IPV4, _IPV6):
        host = str(ipaddress.ip_address(await reader.readexactly(4 if kind == _IPV4 else 16)))
    else:
        raise _RefusedError(_NO_SUCH_ADDRESS)
    port = int.from_bytes(await reader.readexactly(2), "big")
    if command != _CONNECT:
        raise _RefusedError(_NO_SUCH_COMMAND)
    return host, port


async def _connected(host: str, port: int) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    try:
        return await connect(host, port)
    except NotLoopbackError:
        raise _RefusedError(_NOT_ALLOWED) from None
    except OSError:
        raise _RefusedError(_REFUSED) from None


def _reply(code: int) -> bytes:
    return bytes([_VERSION, code, 0, _IPV4, 0, 0, 0, 0, 0, 0])

"""A SOCKS5 proxy (RFC 1928) without authentication, and one that refuses.

It reads a client's two messages and answers each; the libraries at hand speak the client's half only.
"""

from __future__ import annotations

import asyncio
import ipaddress

from .tunnel import NotLoopbackError, connect, splice

_VERSION = 5
_NO_AUTHENTICATION, _NO_METHOD = 0, 0xFF
_CONNECT = 1
_IPV4, _NAME, _IPV6 = 1, 3, 4
_SUCCEEDED, _NOT_ALLOWED, _REFUSED, _NO_SUCH_COMMAND, _NO_SUCH_ADDRESS = 0, 2, 5, 7, 8


class _RefusedError(Exception):
    """The client is told this code of the RFC."""

    def __init__(self, code: int) -> None:
        self.code = code


async def socks(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Connect the client where it asks to be connected, on loopback only."""
    if not await _greeted(reader, writer):
        return
    try:
        way = await _connected(*await _asked(reader))
    except _RefusedError as error:
        writer.write(_reply(error.code))
        return
    try:
        writer.write(_reply(_SUCCEEDED))
        await splice((reader, writer), way)
    finally:
        way[1].close()


async def socks_that_refuses(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Take the greeting, and allow no connection."""
    if await _greeted(reader, writer):
        await _asked(reader)
        writer.write(_reply(_NOT_ALLOWED))


async def _greeted(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
    version, count = await reader.readexactly(2)
    methods = await reader.readexactly(count)
    if version != _VERSION:
        return False
    agreed = _NO_AUTHENTICATION in methods
    writer.write(bytes([_VERSION, _NO_AUTHENTICATION if agreed else _NO_METHOD]))
    return agreed


async def _asked(reader: asyncio.StreamReader) -> tuple[str, int]:
    """The host and the port that the client wants."""
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

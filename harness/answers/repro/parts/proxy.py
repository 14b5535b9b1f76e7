"""The proxies of a script: HTTP and SOCKS5, and what goes wrong in them."""

from __future__ import annotations

import asyncio
import re
from asyncio import StreamReader, StreamWriter
from contextlib import suppress
from typing import Any

from .server import ports


async def proxy(reader: StreamReader, writer: StreamWriter, tunnel: Any = None) -> None:
    """Forward a request, or open a tunnel."""
    head = await reader.readuntil(b"\r\n\r\n")
    method, target = head.split()[:2]
    while method == b"CONNECT" and tunnel is not None:
        if not await tunnel(reader, writer):
            return
        head = await reader.readuntil(b"\r\n\r\n")
        method, target = head.split()[:2]
    server = await asyncio.open_connection("127.0.0.1", int(re.findall(rb":(\d+)", target)[0]))
    if method == b"CONNECT":
        writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
    else:
        server[1].write(head)
    await passed_on((reader, writer), server)


async def refuse(reader: StreamReader, writer: StreamWriter) -> bool:
    writer.write(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n")
    return True


async def never_answer(reader: StreamReader, writer: StreamWriter) -> None:
    await reader.read()


async def garble(reader: StreamReader, writer: StreamWriter) -> None:
    """Open the tunnel; what comes out of it is not TLS."""
    writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
    await reader.read(65536)
    writer.write(b"this is not TLS\r\n" * 8)
    await reader.read()


async def passed_on(one: Any, other: Any) -> None:
    pumps = [asyncio.ensure_future(pump(one[0], other[1])), asyncio.ensure_future(pump(other[0], one[1]))]
    await asyncio.wait(pumps, return_when=asyncio.FIRST_COMPLETED)
    for pumping in pumps:
        pumping.cancel()
    other[1].close()


async def pump(reader: StreamReader, writer: StreamWriter) -> None:
    with suppress(OSError):
        while True:
            data = await reader.read(65536)
            if not data:
                break
            writer.write(data)


async def socks(reader: StreamReader, writer: StreamWriter, others: Any = None) -> None:
    """Speak SOCKS5; what is not for the plain port may meet something else."""
    _, methods = await reader.readexactly(2)
    await reader.readexactly(methods)
    writer.write(b"\x05\x00")
    _, _, _, kind = await reader.readexactly(4)
    size = {1: 4, 4: 16}.get(kind) or (await reader.readexactly(1))[0]
    await reader.readexactly(size)
    port = int.from_bytes(await reader.readexactly(2), "big")
    if others is not None and port != ports["plain"]:
        await others(reader, writer)
        return
    server = await asyncio.open_connection("127.0.0.1", port)
    writer.write(b"\x05\x00\x00\x01" + bytes(6))
    await passed_on((reader, writer), server)


async def not_allowed(reader: StreamReader, writer: StreamWriter) -> None:
    writer.write(b"\x05\x02\x00\x01" + bytes(6))

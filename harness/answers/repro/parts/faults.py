"""What becomes of a request on HTTP/1.1, by the name in its path."""

from __future__ import annotations

import asyncio
import socket
import struct
from asyncio import StreamReader, StreamWriter

from .facts import UNIT
from .server import PIECE, gone

HALF = b"HTTP/1.1 200 OK\r\nContent-Length: 1024\r\n\r\n" + b"." * 512


# What becomes of a request on HTTP/1.1; true where its connection can go on.
async def answer(reader: StreamReader, writer: StreamWriter) -> bool:
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
    return True


async def endless(reader: StreamReader, writer: StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    while True:
        writer.write(b"400\r\n%s\n\r\n" % (b"." * 1023))
        if await gone(reader, 0.2 * UNIT):
            break


async def pieces(reader: StreamReader, writer: StreamWriter) -> bool:
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n")
    for _ in range(2):
        if await gone(reader, PIECE):
            return False
        writer.write(b".")
    return True


async def close_head(reader: StreamReader, writer: StreamWriter) -> None:
    pass


async def close_body(reader: StreamReader, writer: StreamWriter) -> None:
    writer.write(HALF)


async def reset_head(reader: StreamReader, writer: StreamWriter) -> None:
    reset(writer)


async def reset_body(reader: StreamReader, writer: StreamWriter) -> None:
    writer.write(HALF)
    await asyncio.sleep(0.05)
    reset(writer)


def reset(writer: StreamWriter) -> None:
    linger = struct.pack("ii", 1, 0)
    writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
    writer.transport.abort()


async def stall_head(reader: StreamReader, writer: StreamWriter) -> None:
    await reader.read()


async def stall_body(reader: StreamReader, writer: StreamWriter) -> None:
    writer.write(HALF)
    await reader.read()


async def no_length(reader: StreamReader, writer: StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\n\r\nok")


async def close_idle(reader: StreamReader, writer: StreamWriter) -> bool:
    """Send a whole answer; the idle connection is closed a unit later."""
    await answer(reader, writer)
    return not await gone(reader, UNIT)


async def half_close(reader: StreamReader, writer: StreamWriter) -> None:
    await answer(reader, writer)
    writer.write_eof()
    await reader.read()


async def early_answer(reader: StreamReader, writer: StreamWriter) -> None:
    """Answer an upload without reading it to its end."""
    writer.write(b"HTTP/1.1 413 Content Too Large\r\nContent-Length: 2\r\nConnection: close\r\n\r\nno")
    writer.write_eof()
    await asyncio.sleep(0.05)
    reset(writer)


async def redirect(reader: StreamReader, writer: StreamWriter) -> bool:
    writer.write(b"HTTP/1.1 302 Found\r\nLocation: http://[\r\nContent-Length: 2\r\n\r\nok")
    return True


async def bad_chunk(reader: StreamReader, writer: StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nsome bytes\r\n")
    await reader.read()


async def bad_head(reader: StreamReader, writer: StreamWriter) -> None:
    writer.write(b"HTTP/1.1 two hundred\r\n\r\n")
    await reader.read()

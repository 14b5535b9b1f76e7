"""The server of a script, on an event loop and in a thread of its own."""

from __future__ import annotations

import asyncio
import threading
import time
from asyncio import StreamReader, StreamWriter
from contextlib import suppress
from functools import partial
from typing import Any

from .facts import OPEN_DOORS, UNIT, WHAT

arrived: dict[str, float]
moves: list[tuple[float, int]]
open_now: list[str]
opened: list[str]
ports: dict[str, int]
arrived, moves, open_now, opened, ports = {}, [], [], [], {}
PIECE = UNIT / 10  # between two pieces of a body


def start_servers() -> None:
    """Open a port for each of OPEN_DOORS, on a loop and in a thread of their own."""
    loop, ready = asyncio.new_event_loop(), threading.Event()

    async def start() -> None:
        for door, (_, serve, tls) in OPEN_DOORS.items():
            accept = partial(served, door, serve)
            server = await asyncio.start_server(accept, "127.0.0.1", 0, ssl=tls, backlog=1000)
            ports[door] = server.sockets[0].getsockname()[1]
        loop.call_soon(ready.set)

    def run() -> None:
        asyncio.set_event_loop(loop)
        loop.set_exception_handler(lambda loop, context: None)  # the client reports TLS that fails
        loop.run_until_complete(start())
        loop.run_forever()

    threading.Thread(target=run, daemon=True).start()
    ready.wait()


async def served(door: str, serve: Any, reader: StreamReader, writer: StreamWriter) -> None:
    opened.append(door)
    open_now.append(door)
    try:
        with suppress(OSError, EOFError):
            await serve(reader, writer)
    finally:
        open_now.remove(door)
        writer.close()


def url(door: str, name: str, hold: float, what: str = "answer") -> str:
    return "%s://127.0.0.1:%d/%s/%f/%s" % (OPEN_DOORS[door][0], ports[door], name, hold * UNIT, what)


async def http1(reader: StreamReader, writer: StreamWriter) -> None:
    """Answer /NAME/SECONDS/WHAT after so long, unless the client goes away."""
    while True:
        head = await reader.readuntil(b"\r\n\r\n")
        name, hold, what = head.split()[1].decode().rsplit("/", 3)[1:]
        arrived[name] = time.monotonic()
        moves.append((arrived[name], 1))
        left = await (asyncio.sleep(float(hold)) if what == "early-answer" else gone(reader, float(hold)))
        moves.append((time.monotonic() - (UNIT / 2 if left else 0.0), -1))  # that it left may be seen late
        if left or not await WHAT[what](reader, writer):
            break


async def gone(reader: StreamReader, seconds: float) -> bool:
    watch = asyncio.ensure_future(reader.read(1))
    left, _ = await asyncio.wait([watch], timeout=seconds)
    watch.cancel()
    await asyncio.wait([watch])
    return bool(left)


async def silent(reader: StreamReader, writer: StreamWriter) -> None:
    await reader.read()

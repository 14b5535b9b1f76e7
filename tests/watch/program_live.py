"""A program with three slots, three open responses and two requests that wait; it ends when its stdin does.

With `fork` its child answers too: it prints the number of its process, and ends first.
"""

from __future__ import annotations

import asyncio
import importlib
import os
import sys
from typing import Any

httpx: Any = importlib.import_module("httpx")


async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Send a part of a body."""
    await reader.readuntil(b"\r\n\r\n")
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n12345")
    await writer.drain()


async def hold(client: Any, url: str) -> Any:
    """Open a response, and leave it open."""
    return await client.send(client.build_request("GET", url), stream=True)


async def main() -> None:
    """Hold the responses."""
    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/things?token=secret"
    limits = httpx.Limits(max_connections=3)
    client = httpx.AsyncClient(limits=limits, timeout=httpx.Timeout(60, pool=None), trust_env=False)
    tasks = [asyncio.create_task(hold(client, url)) for _ in range(5)]
    await asyncio.wait(tasks, timeout=1)
    print(len([task for task in tasks if task.done()]), flush=True)
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)


if "fork" in sys.argv:
    child = os.fork()
    if not child:
        sys.stdin.read()
        os._exit(0)
    print(child, flush=True)
asyncio.run(main())
sys.exit(7)

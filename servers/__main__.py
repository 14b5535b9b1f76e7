"""The server's process: `python -m poolgate.servers --fd N`, N being an inherited loopback socket that listens.

It prints `ready` once it serves, and it ends when its standard input does. The starting process holds the other end, so
the server ends on request and also when that process is gone.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import signal
import socket
import sys
import threading
from contextlib import suppress

from .app import application
from .cell_state import Book
from .doors.hypercorn import serve_door
from .doors.opening import Doors
from .heartbeat import Heartbeat

GRACE = 0.5
"""Seconds that connections have to close at the end; a client that never reads would delay the end for ever."""


def _listener(text: str) -> int:
    try:
        socket.socket(fileno=os.dup(int(text))).close()
    except (OSError, ValueError):
        raise argparse.ArgumentTypeError(f"{text} is not the number of an inherited socket") from None
    return int(text)


def _watch_stdin(loop: asyncio.AbstractEventLoop, told: asyncio.Event) -> None:
    """Wait for the end of the standard input, of any kind: a loop can't watch every kind of file."""
    with suppress(OSError):
        while os.read(0, 4096):
            pass
    with suppress(RuntimeError):  # the loop has ended by itself
        loop.call_soon_threadsafe(told.set)


async def _serve(fd: int) -> None:
    loop = asyncio.get_running_loop()
    told = asyncio.Event()
    loop.add_signal_handler(signal.SIGTERM, told.set)
    threading.Thread(target=_watch_stdin, args=(loop, told), daemon=True).start()
    book = Book()
    heartbeat = Heartbeat(book.stalled)

    async def until_told() -> None:
        # Hypercorn calls this when it accepts connections.
        print("ready", flush=True)
        await told.wait()
        last_resort = threading.Timer(GRACE, os._exit, [0])
        last_resort.daemon = True
        last_resort.start()
        book.close()

    async with Doors(_address(fd)) as doors:
        doors.app = application(book, doors)
        await serve_door(doors.app, fd, None, until_told)
    heartbeat.stop()


def _address(fd: int) -> tuple[str, int]:
    with socket.socket(fileno=os.dup(fd)) as listener:
        host, port = listener.getsockname()
    return host, port


def main() -> int:
    """Serve until asked to end; returns exit code 0 then."""
    # Ctrl-C reaches the whole terminal, but it is the harness that ends the server.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parser = argparse.ArgumentParser(prog="python -m poolgate.servers", description="The server side of poolgate.")
    parser.add_argument("--fd", type=_listener, required=True, help="an inherited socket that listens on loopback")
    asyncio.run(_serve(parser.parse_args().fd))
    return 0


if __name__ == "__main__":
    sys.exit(main())

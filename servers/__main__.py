"""The server's process: `python -m poolgate.servers --fd N`, N being an inherited loopback socket that listens.

It prints `ready` once it serves, and it ends when its standard input does. The one who started it holds the other end,
so the server ends when it is told to and also when nobody is left to tell it.
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
from typing import cast

from hypercorn.asyncio import serve
from hypercorn.config import Config
from hypercorn.typing import Framework

from .app import application
from .cells import Book

GRACE = 0.5
"""Seconds that connections have to close at the end; a client that never reads would hold up the close for ever."""

FOREVER = 7 * 24 * 3600
"""Seconds that an idle connection is kept: which side closes it must never be the server's choice."""


def _listener(text: str) -> int:
    try:
        socket.socket(fileno=os.dup(int(text))).close()
    except (OSError, ValueError):
        raise argparse.ArgumentTypeError(f"{text} is not the number of an inherited socket") from None
    return int(text)


def _config(fd: int) -> Config:
    config = Config()
    config.bind = [f"fd://{fd}"]
    config.loglevel = "WARNING"
    config.keep_alive_timeout = FOREVER
    # The requests are cut and the process is bounded by ourselves; Hypercorn would complain about what it cancels.
    config.graceful_timeout = FOREVER
    # Hypercorn's own limits would look like the client's: it says `connection: close` with the 1001st request of a
    # connection, and it listens anew, with a shorter queue than the socket came with.
    config.keep_alive_max_requests = sys.maxsize
    config.backlog = socket.SOMAXCONN
    return config


def _watch_stdin(loop: asyncio.AbstractEventLoop, told: asyncio.Event) -> None:
    """Wait for the end of the standard input, whatever it is: a loop can't watch every kind of file."""
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

    async def until_told() -> None:
        # Hypercorn calls this when it accepts connections.
        print("ready", flush=True)
        await told.wait()
        last_resort = threading.Timer(GRACE, os._exit, [0])
        last_resort.daemon = True
        last_resort.start()
        book.close()

    await serve(cast(Framework, application(book)), _config(fd), shutdown_trigger=until_told)


def main() -> int:
    """Serve until told to end; the exit code is 0 then."""
    # Ctrl-C reaches the whole terminal, but it is the harness that ends the server.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parser = argparse.ArgumentParser(prog="python -m poolgate.servers", description="The server side of poolgate.")
    parser.add_argument("--fd", type=_listener, required=True, help="an inherited socket that listens on loopback")
    asyncio.run(_serve(parser.parse_args().fd))
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""The process of the scripted server: it starts and ends as `poolgate.servers` does.

What it shares with that is imported as it is: a change there would be a change of the measuring instrument.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import signal
import sys
import threading

from ..__main__ import GRACE, _address, _listener, _watch_stdin
from ..app import application
from ..cell_state import Book
from ..doors.hypercorn import serve_door
from ..doors.opening import Doors
from .app import Scripted


async def _serve(fd: int) -> None:
    ended = asyncio.Event()
    loop = asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGTERM, ended.set)
    threading.Thread(target=_watch_stdin, args=(loop, ended), daemon=True).start()
    book = Book()

    async def until_ended() -> None:
        print("ready", flush=True)
        await ended.wait()
        last_resort = threading.Timer(GRACE, os._exit, [0])
        last_resort.daemon = True
        last_resort.start()
        book.close()

    async with Doors(_address(fd)) as doors:
        doors.app = Scripted(application(book, doors), book)
        await serve_door(doors.app, fd, None, until_ended)


def main() -> int:
    """Serve until standard input ends; returns exit code 0 then."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parser = argparse.ArgumentParser(prog="python -m poolgate.servers.scripted", description=__doc__)
    parser.add_argument("--fd", type=_listener, required=True, help="an inherited socket that listens on loopback")
    asyncio.run(_serve(parser.parse_args().fd))
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""Measure what the watcher costs, as ratios from one run: `make bench-watch`. Tests do not measure time.

A loopback request with the watcher takes at most 5% more time than one without, and a look at most 50 microseconds.
What is compared is the processor time of the client's process, in short blocks that alternate: that is less than the
time of a request, so that the ratio is too large rather than too small, and other processes disturb it little.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from support.watch_room import room

from poolgate.environments.build import environment_for
from poolgate.processes import Processes
from poolgate.targets.parse import parse

TARGETS = ("httpx==0.28.1", "httpx2==2.16.2", "httpxyz==0.42.1")
SERVER = r"""
import asyncio

class Answers(asyncio.Protocol):
    def connection_made(self, transport):
        self.transport = transport
    def data_received(self, data):
        self.transport.write(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok" * data.count(b"\r\n\r\n"))

async def main():
    server = await asyncio.get_running_loop().create_server(Answers, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await asyncio.sleep(3600)

asyncio.run(main())
"""


@contextmanager
def serving() -> Iterator[str]:
    """Yield the port of a server in a process of its own."""
    process = subprocess.Popen([sys.executable, "-c", SERVER], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    try:
        yield process.stdout.readline().strip()
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


def paired(on: list[float], off: list[float]) -> tuple[float, float, float]:
    """Return the median of the ratios of rounds, less one, with its 95% interval by order statistics."""
    ratios = sorted(watched / plain - 1 for watched, plain in zip(on, off, strict=True))
    half = 0.98 * math.sqrt(len(ratios))
    low, high = max(0, math.floor(len(ratios) / 2 - half)), min(len(ratios) - 1, math.ceil(len(ratios) / 2 + half))
    return statistics.median(ratios), ratios[low], ratios[high]


def main() -> None:
    """Print what the watcher costs on each release."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=200, help="blocks of requests at each level (default: 200)")
    parser.add_argument("--target", nargs="+", default=TARGETS, help="releases (default: %(default)s)")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, serving() as port:
        path = str(room(Path(folder)))
        for target in arguments.target:
            environment = environment_for(Processes(), parse(target), ())
            program = Path(__file__).with_name("watched_requests.py")
            command = [environment.interpreter, str(program), target.partition("=")[0], port, str(arguments.rounds)]
            ran = subprocess.run(command, env={**os.environ, "PYTHONPATH": path}, stdout=subprocess.PIPE, check=True)
            answer = json.loads(ran.stdout)
            print(f"{target}: a look takes {answer['look']:.0f} us of the processor", flush=True)
            for kind, costs in answer["costs"].items():
                off = statistics.median(costs["off"])
                print(f"  {kind}: a request takes {off:.0f} us of the client's processor time", flush=True)
                for level in ("counts", "sample", "all"):
                    middle, low, high = paired(costs[level], costs["off"])
                    print(f"    {level:<8} {middle:+.1%} (95% interval {low:+.1%} to {high:+.1%})", flush=True)


if __name__ == "__main__":
    main()

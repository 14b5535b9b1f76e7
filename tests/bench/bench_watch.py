"""Measure what the watcher costs, as ratios from one run: `make bench-watch`. Tests do not measure time.

A loopback request with the watcher takes at most 5% more time than one without, and a look at most 50 microseconds. The
server is as fast as one in Python can be, so that the share of the client is large; processor time of the client alone
is printed too.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from poolgate import watch
from poolgate.environments.build import environment_for
from poolgate.processes import Processes
from poolgate.targets.parse import parse

TARGETS = ("httpx==0.28.1", "httpx2==2.16.2", "httpxyz==0.42.1")
BLOCKS = 80
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


def room(place: Path) -> Path:
    """Make a folder in which `poolgate` is the watcher alone."""
    (place / "poolgate").mkdir()
    (place / "poolgate" / "__init__.py").write_text("")
    (place / "poolgate" / "watch").symlink_to(Path(str(watch.__file__)).parent)
    return place


def main() -> None:
    with tempfile.TemporaryDirectory() as folder, serving() as port:
        path = str(room(Path(folder)))
        for target in TARGETS:
            environment = environment_for(Processes(), parse(target), ())
            program = Path(__file__).with_name("watched_requests.py")
            command = [environment.interpreter, str(program), target.partition("=")[0], port, str(BLOCKS)]
            ran = subprocess.run(command, env={**os.environ, "PYTHONPATH": path}, stdout=subprocess.PIPE, check=True)
            costs = json.loads(ran.stdout)
            print(f"{target}: a look takes {costs['look']:.0f} us; a request {costs['off']:.0f} us of the processor")
            for level in ("counts", "sample", "all"):
                more, cpu = costs[f"{level} wall"] - 1, costs[f"{level} cpu"] - 1
                print(f"  {level:<8} {more:+.1%} of the time of a request, {cpu:+.1%} of the client's processor time")


if __name__ == "__main__":
    main()

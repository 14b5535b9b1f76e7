"""A server in a process of its own, as the harness starts it, and a client that hides nothing of the wire."""

from __future__ import annotations

import asyncio
import json
import socket
import ssl
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

PATIENCE = 60
"""Seconds after which a test gives up; nothing that works comes near it, even on a loaded machine."""

Records = list[dict[str, Any]]


def path(cell: str, verb: str, **query: object) -> str:
    """The target of a request to an endpoint of a cell."""
    return f"/cells/{quote(cell)}/{verb}?{urlencode(query)}"


class Connection:
    """One keep-alive connection that carries one request at a time."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer
        host, port = writer.get_extra_info("sockname")
        self.name = f"{host}:{port}"

    async def send(self, target: str, method: str = "GET") -> None:
        """Send a request without waiting for its response."""
        self.writer.write(f"{method} {target} HTTP/1.1\r\nhost: server\r\n\r\n".encode())
        await self.writer.drain()

    async def head(self) -> tuple[int, dict[str, str]]:
        """Read the head of a response: its status and its headers, names in lower case."""
        status, *lines = (await self.reader.readuntil(b"\r\n\r\n")).decode().strip().split("\r\n")
        headers = (line.split(": ", 1) for line in lines)
        return int(status.split()[1]), {name.lower(): value for name, value in headers}

    async def answer(self) -> tuple[int, Any]:
        """Read a response in JSON: its status and its content."""
        status, headers = await self.head()
        return status, json.loads(await self.reader.readexactly(int(headers["content-length"])))

    async def ask(self, target: str, method: str = "GET") -> tuple[int, Any]:
        """Send a request and read its response in JSON."""
        await self.send(target, method)
        return await self.answer()

    async def close(self) -> None:
        """Close, as a client does that goes away."""
        self.writer.close()
        with suppress(ConnectionError, ssl.SSLError):  # the server was sending
            await self.writer.wait_closed()


class Server:
    """A running server."""

    def __init__(self, errors: Path) -> None:
        self._errors = errors
        with socket.create_server(("127.0.0.1", 0)) as listener, errors.open("wb") as stderr:
            self.port: int = listener.getsockname()[1]
            fd = listener.fileno()
            command = [sys.executable, "-m", "poolgate.servers", "--fd", str(fd)]
            self.process = subprocess.Popen(
                command, pass_fds=[fd], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=stderr
            )
        assert self.process.stdout is not None
        self.first_line = self.process.stdout.readline()

    def end(self) -> tuple[int, str]:
        """Close the server's standard input: its exit code and what it wrote to stderr."""
        assert self.process.stdin is not None
        self.process.stdin.close()
        return self.wait()

    def wait(self) -> tuple[int, str]:
        """Wait for the end of the process: its exit code and what it wrote to stderr."""
        try:
            code = self.process.wait(PATIENCE)
        finally:
            self.process.kill()
            self.process.wait()
            for pipe in (self.process.stdin, self.process.stdout):
                assert pipe is not None
                pipe.close()
        return code, self._errors.read_text()

    @asynccontextmanager
    async def connect(self) -> AsyncIterator[Connection]:
        """A connection to the server, closed at the end of the block."""
        async with asyncio.timeout(PATIENCE):
            connection = Connection(*await asyncio.open_connection("127.0.0.1", self.port))
            try:
                yield connection
            finally:
                await connection.close()

    async def ask(self, target: str, method: str = "GET") -> tuple[int, Any]:
        """One request on a connection of its own."""
        async with self.connect() as connection:
            return await connection.ask(target, method)

    async def records(self, cell: str, *kinds: str) -> Records:
        """The records of a cell so far, of these kinds or of all."""
        _, account = await self.ask(path(cell, "account"))
        return [record for record in account["records"] if not kinds or record["kind"] in kinds]

    async def until(self, cell: str, true: Callable[[Records], bool]) -> Records:
        """Poll the account of a cell until this is true of its records."""
        async with asyncio.timeout(PATIENCE):
            while not true(records := await self.records(cell)):
                await asyncio.sleep(0.01)
        return records

    async def until_count(self, cell: str, kind: str, count: int) -> Records:
        """Poll until the cell has so many records of a kind; these."""
        records = await self.until(cell, lambda seen: len([r for r in seen if r["kind"] == kind]) >= count)
        return [record for record in records if record["kind"] == kind]

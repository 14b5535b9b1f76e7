"""The server's doors as a client sees them: plain sockets, TLS by the standard library, and HTTP/2 by h2."""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, NamedTuple
from urllib.parse import quote

import h2.config
import h2.connection
import h2.events
from hyperframe.frame import Frame, HeadersFrame

from support.server_client import PATIENCE, Connection, Server


class Door(NamedTuple):
    """The address of a door and the certificate authority to trust there."""

    name: str
    host: str
    port: int
    ca: str | None

    def trusting(self, *protocols: str) -> ssl.SSLContext | None:
        """A context that trusts the authority that the door names, None for a door without TLS."""
        if self.ca is None:
            return None
        context = ssl.create_default_context(cadata=self.ca)
        context.set_alpn_protocols(list(protocols or ("http/1.1",)))
        return context


async def door(server: Server, name: str, **query: int) -> Door:
    """Open a door."""
    asked = "&".join(f"{key}={value}" for key, value in query.items())
    status, answer = await server.ask(f"/doors/{quote(name, safe='')}" + (f"?{asked}" if asked else ""), "PUT")
    assert status == 200, answer
    return Door(**answer)


@asynccontextmanager
async def through(entered: Door, context: ssl.SSLContext | None = None) -> AsyncIterator[Connection]:
    """A connection to a door, closed at the end of the block; over TLS where the door speaks it."""
    context = context or entered.trusting()
    async with asyncio.timeout(PATIENCE):
        way = await asyncio.open_connection(entered.host, entered.port, ssl=context)
        connection = Connection(*way)
        try:
            yield connection
        finally:
            await connection.close()


class Http2:
    """One connection of HTTP/2, of which every event is kept."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.http = h2.connection.H2Connection(h2.config.H2Configuration(header_encoding="ascii"))
        self.events: list[Any] = []
        self.ended = False
        self._reader = reader
        self._writer = writer
        self.http.initiate_connection()
        self.flush()

    def flush(self) -> None:
        """Send what h2 has to say."""
        self._writer.write(self.http.data_to_send())

    def ask(self, target: str) -> int:
        """Send a request; its stream."""
        return self.begin(target, "GET", ended=True)

    def begin(self, target: str, method: str = "POST", *, ended: bool = False) -> int:
        """Send the head of a request; its stream."""
        stream = self.http.get_next_available_stream_id()
        headers = {":method": method, ":scheme": "https", ":authority": "server", ":path": target}
        self.http.send_headers(stream, list(headers.items()), end_stream=ended)
        self.flush()
        return stream

    async def upload(self, stream: int, body: bytes) -> None:
        """Send the body of a request as the windows allow, and its end."""
        while body:
            while not (room := min(self.http.local_flow_control_window(stream), self.http.max_outbound_frame_size)):
                await self._read()
            self.http.send_data(stream, body[:room])
            body = body[room:]
            self.flush()
        self.end(stream, b"")

    def end(self, stream: int, body: bytes) -> None:
        """Send the body of a request, and its end."""
        self.http.send_data(stream, body, end_stream=True)
        self.flush()

    def reset(self, stream: int) -> None:
        """Give up a stream."""
        self.http.reset_stream(stream)
        self.flush()

    async def until(self, kind: type[Any], stream: int | None = None) -> Any:
        """Read until there is an event of this kind, of this stream; fails where the connection ends before."""
        while not (found := self.received(kind, stream)):
            await self._read()
            assert not self.ended or self.received(kind, stream), (kind, self.events)
        return found[0]

    async def until_end(self) -> None:
        """Read until the server ends the connection."""
        while not self.ended:
            await self._read()

    async def frames(self) -> list[Frame]:
        """All frames to the end of the connection: h2 itself reads none after GOAWAY."""
        return frames_of(await self._reader.read(-1))

    async def body(self, stream: int) -> bytes:
        """The whole body of a response."""
        await self.until(h2.events.StreamEnded, stream)
        return b"".join(event.data for event in self.received(h2.events.DataReceived, stream))

    def received(self, kind: type[Any], stream: int | None = None) -> list[Any]:
        """Return the events of this kind so far."""
        return [e for e in self.events if isinstance(e, kind) and (stream is None or e.stream_id == stream)]

    async def _read(self) -> None:
        data = await self._reader.read(65536)
        self.ended = not data
        for event in self.http.receive_data(data):
            self.events.append(event)
            if isinstance(event, h2.events.DataReceived):
                self.http.acknowledge_received_data(event.flow_controlled_length or 0, event.stream_id)
        self.flush()


def frames_of(data: bytes) -> list[Frame]:
    """Return the frames of HTTP/2 in these bytes."""
    frames = []
    while data:
        frame, length = Frame.parse_frame_header(memoryview(data[:9]))
        frame.parse_body(memoryview(data[9 : 9 + length]))
        frames.append(frame)
        data = data[9 + length :]
    return frames


def packet_of_answer(entered: Door, targets: list[str]) -> list[Frame]:
    """Ask for all of these on one connection; return the frames of the packet with the first answer.

    A packet is a record of TLS: a blocking read returns no more than one.
    """
    context = entered.trusting("h2")
    assert context is not None
    client = h2.connection.H2Connection(h2.config.H2Configuration(header_encoding="ascii"))
    client.initiate_connection()
    for number, target in enumerate(targets):
        head = {":method": "GET", ":scheme": "https", ":authority": "server", ":path": target}
        client.send_headers(2 * number + 1, list(head.items()), end_stream=True)
    bare = socket.create_connection((entered.host, entered.port), timeout=PATIENCE)
    with context.wrap_socket(bare, server_hostname=entered.host) as way:
        way.sendall(client.data_to_send())
        while packet := frames_of(way.recv(65536)):
            if any(isinstance(frame, HeadersFrame) for frame in packet):
                return packet
    raise AssertionError("the server closed the connection without an answer")


@asynccontextmanager
async def http2(entered: Door) -> AsyncIterator[Http2]:
    """A connection of HTTP/2 to a door."""
    async with through(entered, entered.trusting("h2")) as connection:
        assert connection.writer.get_extra_info("ssl_object").selected_alpn_protocol() == "h2"
        yield Http2(connection.reader, connection.writer)


def how(records: list[dict[str, Any]]) -> dict[str, str]:
    """How each request departed."""
    return {record["request"]: record["data"]["how"] for record in records if record["kind"] == "departed"}

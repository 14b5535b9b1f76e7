"""The server of HTTP/2, and what becomes of a request there."""

from __future__ import annotations

import asyncio
import time
from asyncio import StreamReader, StreamWriter
from collections import Counter
from contextlib import suppress
from typing import Any

import h2.config
import h2.connection
import h2.errors
import h2.events
import h2.exceptions
import h2.settings
import hyperframe.frame

from .facts import WHAT2
from .faults import reset
from .server import PIECE, arrived, moves


class Http2:
    """A connection of HTTP/2 as the server has it."""

    last: int | None
    streams: dict[int, Any]
    whole: dict[int, asyncio.Event]
    unread: Counter[int]

    def __init__(self, reader: StreamReader, writer: StreamWriter, limit: int) -> None:
        self.reader, self.writer, self.last = reader, writer, None
        self.streams, self.whole, self.unread = {}, {}, Counter()
        self.http: Any = h2.connection.H2Connection(h2.config.H2Configuration(client_side=False))
        at_once = h2.settings.SettingCodes.MAX_CONCURRENT_STREAMS
        self.http.local_settings = h2.settings.Settings(client=False, initial_values={at_once: limit})
        self.http.initiate_connection()

    async def run(self) -> None:
        data = b""
        while True:
            for event in self.http.receive_data(data) if data else []:
                self.handle(event)
            self.flush()
            data = await self.reader.read(65536)
            if not data:
                break

    def flush(self) -> None:
        self.writer.write(self.http.data_to_send())

    def handle(self, event: Any) -> None:
        stream = getattr(event, "stream_id", 0)
        if isinstance(event, h2.events.RequestReceived):
            if self.last is None or stream <= self.last:  # streams after the last one were not seen
                self.whole[stream] = asyncio.Event()
                self.streams[stream] = asyncio.ensure_future(self.answer(stream, dict(event.headers)))
        elif isinstance(event, h2.events.DataReceived):
            self.unread[stream] += event.flow_controlled_length
            if sum(self.unread.values()) >= 65535:
                self.open_windows()
        elif isinstance(event, h2.events.StreamEnded):
            self.whole[stream].set()
        elif isinstance(event, h2.events.StreamReset) and stream in self.streams:
            self.streams.pop(stream).cancel()
        elif isinstance(event, h2.events.ConnectionTerminated):
            self.writer.close()

    def open_windows(self) -> None:
        """Let the client send as much again; all streams that wait continue."""
        self.http.increment_flow_control_window(sum(self.unread.values()))
        for stream, length in self.unread.items():
            with suppress(h2.exceptions.StreamClosedError):
                self.http.increment_flow_control_window(length, stream)
        self.unread.clear()

    async def answer(self, stream: int, headers: Any) -> None:
        path = headers.get(":path") or headers[b":path"].decode()
        name, hold, what = path.rsplit("/", 3)[1:]
        await self.whole[stream].wait()
        again = what == "goaway-now" and name in arrived  # it was declared unseen before
        arrived[name] = time.monotonic()
        moves.extend([(arrived[name], 1), (arrived[name], -1)])
        await asyncio.sleep(float(hold))
        await WHAT2["answer" if again else what](self, stream)
        self.flush()
        self.streams.pop(stream, None)
        if self.last is not None and not self.streams:
            self.writer.close()

    def head(self, stream: int, length: int) -> None:
        self.http.send_headers(stream, [(":status", "200"), ("content-length", str(length))])


async def http2(reader: StreamReader, writer: StreamWriter, limit: int = 100) -> None:
    connection = Http2(reader, writer, limit)
    try:
        await connection.run()
    finally:
        for stream in connection.streams.values():
            stream.cancel()


# What becomes of a request on HTTP/2.
async def answer2(connection: Any, stream: int) -> None:
    connection.head(stream, 2)
    connection.http.send_data(stream, b"ok", end_stream=True)


async def pieces2(connection: Any, stream: int) -> None:
    connection.head(stream, 2)
    for last in (False, True):
        connection.flush()
        await asyncio.sleep(PIECE)
        connection.http.send_data(stream, b".", end_stream=last)


async def stall_head2(connection: Any, stream: int) -> None:
    await asyncio.Event().wait()


async def stall_body2(connection: Any, stream: int) -> None:
    half2(connection, stream)
    await asyncio.Event().wait()


def half2(connection: Any, stream: int) -> None:
    connection.head(stream, 1024)
    connection.http.send_data(stream, b"." * 512)
    connection.flush()


async def close_head2(connection: Any, stream: int) -> None:
    connection.writer.close()


async def close_body2(connection: Any, stream: int) -> None:
    half2(connection, stream)
    connection.writer.close()


async def reset_head2(connection: Any, stream: int) -> None:
    reset(connection.writer)


async def reset_body2(connection: Any, stream: int) -> None:
    half2(connection, stream)
    await asyncio.sleep(0.05)
    reset(connection.writer)


async def reset_stream2(connection: Any, stream: int) -> None:
    connection.http.reset_stream(stream, h2.errors.ErrorCodes.INTERNAL_ERROR)


async def lower_limit2(connection: Any, stream: int) -> None:
    """From now on the client may have one stream open."""
    connection.http.update_settings({h2.settings.SettingCodes.MAX_CONCURRENT_STREAMS: 1})
    await answer2(connection, stream)


async def goaway2(connection: Any, stream: int) -> None:
    """The streams up to this one are served."""
    go_away(connection, stream)
    await answer2(connection, stream)


async def goaway_now2(connection: Any, stream: int) -> None:
    """This stream is not processed."""
    go_away(connection, max(0, stream - 2))
    connection.writer.close()


def go_away(connection: Any, last: int) -> None:
    connection.last = last
    connection.writer.write(hyperframe.frame.GoAwayFrame(0, last_stream_id=last).serialize())

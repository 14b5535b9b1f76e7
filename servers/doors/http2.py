"""HTTP/2 on a wire door, with its own faults: h2 reads and writes, including ended streams and lowered limits."""

from __future__ import annotations

import asyncio
from collections import Counter
from contextlib import suppress

from h2.config import H2Configuration
from h2.connection import H2Connection
from h2.errors import ErrorCodes
from h2.events import (
    ConnectionTerminated,
    DataReceived,
    Event,
    RemoteSettingsChanged,
    RequestReceived,
    StreamEnded,
    StreamReset,
    WindowUpdated,
)
from h2.exceptions import ProtocolError, StreamClosedError
from h2.settings import SettingCodes, Settings
from hyperframe.frame import GoAwayFrame
from starlette.types import ASGIApp, Message, Send

from ..accounted_request import act
from ..fault_endpoint import COMMON, whole
from .wire import Exchange, Wire

WINDOW = 65_535
"""Bytes that a client may send unasked, on a connection and on a stream; the server opens the window once they are
used.
"""


class Http2(Wire):
    """One connection of HTTP/2; `limit` is how many streams the client may have open."""

    version = "2"

    def __init__(self, app: ASGIApp, door: set[Wire], limit: int) -> None:
        super().__init__(app, door)
        self.http = H2Connection(H2Configuration(client_side=False, header_encoding=None))
        self.http.local_settings = Settings(client=False, initial_values={SettingCodes.MAX_CONCURRENT_STREAMS: limit})
        self._streams: dict[int, Exchange2] = {}
        self._unread: Counter[int] = Counter()
        """Bytes of each stream that are not acknowledged to the client yet."""
        self._last: int | None = None
        """The last stream that is served, once GOAWAY was sent."""
        self._moved = asyncio.Event()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        self.http.initiate_connection()
        self.flush()

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        self._moved.set()

    def data_received(self, data: bytes) -> None:
        try:
            for event in self.http.receive_data(data):
                self._handle(event)
        except ProtocolError:
            self.flush()
            self.transport.close()
        else:
            self.flush()

    def flush(self) -> None:
        """Send the pending data of h2."""
        if (data := self.http.data_to_send()) and not self.transport.is_closing():
            self.transport.write(data)

    async def moved(self) -> None:
        """Wait until a window has opened, or a stream or the connection is gone."""
        self._moved.clear()
        await self._moved.wait()

    def lower(self, limit: int) -> None:
        """Announce a lower limit of open streams to the client."""
        self.http.update_settings({SettingCodes.MAX_CONCURRENT_STREAMS: limit})
        self.flush()

    def goaway(self, last: int) -> None:
        """Send GOAWAY, and serve the streams up to `last`; then the connection ends.

        The GOAWAY of h2 ends the connection at once.
        """
        self._last = last
        self.transport.write(GoAwayFrame(0, last_stream_id=last, error_code=ErrorCodes.NO_ERROR).serialize())

    def done(self, stream: int) -> None:
        """Remove a stream that is over, and close the connection if it was the last one."""
        self._streams.pop(stream, None)
        if self._last is not None and not self._streams:
            self.close()

    def _handle(self, event: Event) -> None:
        match event:
            case RequestReceived():
                self._begin(event)
            case DataReceived(stream_id=stream, flow_controlled_length=length):
                if length:  # The end of a stream may be a frame without data.
                    self._unread[stream] += length
                if self._unread.total() >= WINDOW:
                    self._open_windows()
            case StreamEnded(stream_id=stream):
                if exchange := self._streams.get(stream):
                    exchange.complete()
            case StreamReset(stream_id=stream):
                if exchange := self._streams.get(stream):
                    exchange.leave("disconnected")
                self._moved.set()
            case WindowUpdated() | RemoteSettingsChanged():
                self._moved.set()
            case ConnectionTerminated():
                self.transport.close()

    def _open_windows(self) -> None:
        """Let the client send as much again, on the connection and each stream: all waiting uploads learn it at once.

        h2's own way of acknowledging opens windows by halves.
        """
        self.http.increment_flow_control_window(self._unread.total())
        for stream, length in self._unread.items():
            with suppress(StreamClosedError):
                self.http.increment_flow_control_window(length, stream)
        self._unread.clear()

    def _begin(self, request: RequestReceived) -> None:
        stream = request.stream_id
        # Streams after the last one count as unseen: GOAWAY has announced that to the client.
        if self._last is None or stream <= self._last:
            headers = dict(request.headers)
            self._streams[stream] = exchange = Exchange2(self, stream)
            self.run(exchange, self.scope(headers[b":method"], headers[b":path"]))


class Exchange2(Exchange):
    """One stream."""

    _wire: Http2

    def __init__(self, wire: Http2, stream: int) -> None:
        super().__init__(wire)
        self._stream = stream
        self._ended = False

    async def send(self, message: Message) -> None:
        """Send a part of the response; does nothing where the client is gone."""
        if self.gone:
            return
        if message["type"] == "http.response.start":
            status = (b":status", str(message["status"]).encode("ascii"))
            self._wire.http.send_headers(self._stream, [status, *message["headers"]])
            self._wire.flush()
            return
        await self._body(message["body"])
        if not message.get("more_body", False) and not self.gone:
            self._ended = True
            self._wire.http.end_stream(self._stream)
            self._wire.flush()

    def over(self) -> None:
        """Reset the stream where the response has no end."""
        if not self._ended and not self.gone:
            self.reset_stream()
        self._wire.done(self._stream)

    def reset_stream(self) -> None:
        """End the stream alone."""
        self._ended = True
        self._wire.http.reset_stream(self._stream, ErrorCodes.INTERNAL_ERROR)
        self._wire.flush()

    def goaway(self) -> None:
        """Send GOAWAY with this stream as the last one."""
        self._wire.goaway(self._stream)

    def goaway_now(self) -> None:
        """Send GOAWAY that declares this stream unseen, and end the connection at once."""
        self._wire.goaway(max(0, self._stream - 2))
        self.close()

    def lower(self) -> None:
        """Lower the limit to one stream."""
        self._wire.lower(1)

    async def _body(self, body: bytes) -> None:
        """Send as the windows allow."""
        http, sent = self._wire.http, 0
        while sent < len(body) and not self.gone:
            room = min(http.local_flow_control_window(self._stream), http.max_outbound_frame_size)
            if room <= 0:
                await self._wire.moved()
                continue
            http.send_data(self._stream, body[sent : sent + room])
            sent += room
            await self._wire.write(http.data_to_send())


async def _goaway(exchange: Exchange2, send: Send, seconds: float) -> None:
    exchange.goaway()
    await whole(send)


async def _goaway_now(exchange: Exchange2, send: Send, seconds: float) -> None:
    await send(act(exchange.goaway_now))


async def _reset_stream(exchange: Exchange2, send: Send, seconds: float) -> None:
    await send(act(exchange.reset_stream))


async def _lower_limit(exchange: Exchange2, send: Send, seconds: float) -> None:
    exchange.lower()
    await whole(send)


Exchange2.faults = {
    **COMMON,
    "goaway": _goaway,
    "goaway-now": _goaway_now,
    "reset-stream": _reset_stream,
    "lower-limit": _lower_limit,
}

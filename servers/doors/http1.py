"""HTTP/1.1 on a wire door, with its own faults: h11 reads and writes, except for bytes that it would refuse to
write.
"""

from __future__ import annotations

import asyncio
from functools import partial

import h11
from starlette.types import ASGIApp, Message, Send

from ..accounted_request import act, head, piece
from ..fault_endpoint import BODY, COMMON, MOMENT, TYPE, for_ever, whole
from .wire import Exchange, Wire

EARLY = "early-answer"
"""The fault whose request is not read to its end."""
_TOO_LARGE = b"HTTP/1.1 413 Content Too Large\r\ncontent-length: 2\r\nconnection: close\r\n\r\nno"
_HEAD = f"HTTP/1.1 200 OK\r\ncontent-type: {TYPE}\r\n".encode()


class Http1(Wire):
    """One connection of HTTP/1.1; it carries one request at a time."""

    version = "1.1"

    def __init__(self, app: ASGIApp, door: set[Wire]) -> None:
        super().__init__(app, door)
        self.http = h11.Connection(h11.SERVER)
        self._deaf = False
        self._closing: asyncio.TimerHandle | None = None
        self._exchange: Exchange1 | None = None
        """The last one."""

    def data_received(self, data: bytes) -> None:
        if not self._deaf:
            self.http.receive_data(data)
            self.advance()

    def advance(self) -> None:
        """Process the received data as far as possible, and start a new cycle where request and response are over."""
        try:
            while isinstance(event := self.http.next_event(), (h11.Request, h11.Data, h11.EndOfMessage)):
                if isinstance(event, h11.Request):
                    self._begin(event)
                elif isinstance(event, h11.EndOfMessage) and self._exchange is not None:
                    self._exchange.complete()
        except h11.RemoteProtocolError:
            self.transport.close()
        if self.http.states == {h11.CLIENT: h11.DONE, h11.SERVER: h11.DONE}:
            self.http.start_next_cycle()
            self.advance()
        elif self.http.our_state is h11.MUST_CLOSE:
            self.transport.close()

    def half_close(self) -> None:
        """Send a FIN, and continue to read, discarding everything."""
        self._deaf = True
        # What was written has been sent, since it is short.
        self.shut()

    def close_idle(self, seconds: float) -> None:
        """Close after some seconds, unless another request comes before."""
        self._closing = asyncio.get_running_loop().call_later(seconds, self.close)

    def _begin(self, request: h11.Request) -> None:
        if self._closing is not None:
            self._closing.cancel()
        self._exchange = Exchange1(self)
        self.run(self._exchange, self.scope(request.method, request.target))


class Exchange1(Exchange):
    """One request of HTTP/1.1 and its response."""

    _wire: Http1

    def __init__(self, wire: Http1) -> None:
        super().__init__(wire)
        self._ended = False
        self.half_close = wire.half_close
        self.close_idle = wire.close_idle

    def expect(self, fault: str) -> None:
        """Stop reading an upload that is answered early: it fills the buffers on the way, and the client waits."""
        if fault == EARLY:
            self._wire.transport.pause_reading()

    async def send(self, message: Message) -> None:
        """Send a part of the response; does nothing where the client is gone."""
        if self.gone:
            return
        if message["type"] == "http.response.start":
            await self._send(h11.Response(status_code=message["status"], headers=message["headers"]))
            return
        await self._send(h11.Data(data=message["body"]))
        if not message.get("more_body", False):
            self._ended = True
            await self._send(h11.EndOfMessage())
            self._wire.advance()

    async def _send(self, event: h11.Event) -> None:
        await self._wire.write(self._wire.http.send(event) or b"")

    def over(self) -> None:
        """Close the connection where the response has no end."""
        if not self._ended and not self.gone:
            self._wire.transport.close()

    def raw(self, data: bytes) -> None:
        """Send bytes that h11 would not write."""
        self._ended = True
        self._wire.transport.write(data)


async def _no_length(exchange: Exchange1, send: Send, seconds: float) -> None:
    def deed() -> None:
        exchange.raw(_HEAD + b"\r\n" + BODY)
        exchange.close()

    await send(act(deed, "sent"))


async def _half_close(exchange: Exchange1, send: Send, seconds: float) -> None:
    await whole(send)
    exchange.half_close()


async def _close_idle(exchange: Exchange1, send: Send, seconds: float) -> None:
    await whole(send)
    exchange.close_idle(seconds)


async def _early_answer(exchange: Exchange1, send: Send, seconds: float) -> None:
    """Send a whole answer to an unfinished upload, and a FIN; later bytes of it meet a RST."""

    def deed() -> None:
        exchange.raw(_TOO_LARGE)
        exchange.half_close()

    await send(act(deed, "sent"))
    # A client that reads while it sends has seen the answer by then; others find it after the error.
    await asyncio.sleep(MOMENT)
    exchange.reset()


async def _redirect(exchange: Exchange1, send: Send, seconds: float) -> None:
    """Send a whole response that redirects the client to an invalid URL."""
    start = head(TYPE, len(BODY), status=302)
    start["headers"].append((b"location", b"http://["))
    await send(start)
    await send(piece(BODY, last=True))


async def _bad_chunk(exchange: Exchange1, send: Send, seconds: float) -> None:
    await send(act(partial(exchange.raw, _HEAD + b"transfer-encoding: chunked\r\n\r\nsome bytes\r\n")))
    await for_ever()


async def _bad_head(exchange: Exchange1, send: Send, seconds: float) -> None:
    await send(act(partial(exchange.raw, b"HTTP/1.1 two hundred\r\n\r\n")))
    await for_ever()


Exchange1.faults = {
    **COMMON,
    "no-length": _no_length,
    "half-close": _half_close,
    "close-idle": _close_idle,
    "bad-chunk": _bad_chunk,
    "bad-head": _bad_head,
    "redirect": _redirect,
    EARLY: _early_answer,
}

"""An HTTP proxy: absolute-form requests are forwarded and CONNECT opens a tunnel; variants of it open none.

Those variants still forward, so that a client can show that their tunnels cost it no slot.

h11 is both ends of it; existing proxies are separate programs, with threads and settings, and would be another process
to end.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from typing import NamedTuple
from urllib.parse import urlsplit

import h11

from .tunnel import NotLoopbackError, connected, splice

_PIECE = 64 * 1024
_HOP_BY_HOP = {b"connection", b"proxy-connection", b"proxy-authorization", b"keep-alive", b"te", b"upgrade"}
"""Headers that apply to a single connection only."""

_ESTABLISHED = b"HTTP/1.1 200 Connection established\r\n\r\n"
_GARBAGE = b"poolgate: this is no TLS\r\n"


_Role = type[h11.CLIENT] | type[h11.SERVER]


class _Side:
    """One connection of the proxy, with its protocol."""

    def __init__(self, role: _Role, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.http = h11.Connection(role)
        self.reader = reader
        self.writer = writer

    async def event(self) -> h11.Event:
        """Return the next event; raises h11.RemoteProtocolError, or EOFError at the end of the connection."""
        while (event := self.http.next_event()) is h11.NEED_DATA:
            self.http.receive_data(await self.reader.read(_PIECE))
        if not isinstance(event, h11.Event) or isinstance(event, h11.ConnectionClosed):
            raise EOFError
        return event

    async def send(self, event: h11.Event) -> None:
        """Send one event."""
        self.writer.write(self.http.send(event) or b"")
        await self.writer.drain()


class _Target(NamedTuple):
    host: str
    port: int
    path: bytes


Tunnel = Callable[[_Side, _Target], Awaitable[None]]
"""Answers CONNECT and handles the connection afterwards."""


async def proxy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, tunnel: Tunnel | None = None) -> None:
    """Serve the requests of a client one after another, until it has a tunnel (this one, or a real one) or
    disconnects.
    """
    client = _Side(h11.SERVER, reader, writer)
    while (request := await _request(client)) is not None:
        try:
            if request.method == b"CONNECT":
                await (tunnel or _tunnel)(client, _authority(request.target))
            else:
                await _forward(client, request, _absolute(request.target))
        except (NotLoopbackError, ValueError) as error:
            await _answer(client, 403, str(error))
        except (OSError, h11.RemoteProtocolError) as error:
            await _answer(client, 502, repr(error))
        if client.http.states != {h11.CLIENT: h11.DONE, h11.SERVER: h11.DONE}:
            return
        client.http.start_next_cycle()


async def refuse(client: _Side, target: _Target) -> None:
    """Refuse a tunnel; the connection stays open for other requests of the client."""
    await client.event()  # The end of the request.
    await _answer(client, 403, "this proxy opens no tunnel", keep=True)


async def never_answer(client: _Side, target: _Target) -> None:
    """Never answer the request for a tunnel."""
    while await client.reader.read(_PIECE):
        pass


async def garble(client: _Side, target: _Target) -> None:
    """Open a tunnel, and answer its first bytes with bytes that are not TLS."""
    client.writer.write(_ESTABLISHED)
    if await client.reader.read(_PIECE):
        client.writer.write(_GARBAGE)
        await client.reader.read()


async def _request(client: _Side) -> h11.Request | None:
    """Return the next request, or None where the client disconnects or sends something else."""
    try:
        event = await client.event()
    except (EOFError, h11.RemoteProtocolError):
        return None
    assert isinstance(event, h11.Request)
    return event


def _authority(target: bytes) -> _Target:
    host, _, port = target.decode("ascii").rpartition(":")
    return _Target(host, int(port), b"")


def _absolute(target: bytes) -> _Target:
    url = urlsplit(target.decode("ascii"))
    if url.scheme != "http" or url.hostname is None:
        raise ValueError(f"{url.geturl()} is not in absolute form")
    path = url.path or "/"
    return _Target(url.hostname, url.port or 80, (f"{path}?{url.query}" if url.query else path).encode("ascii"))


async def _tunnel(client: _Side, target: _Target) -> None:
    async with connected(target.host, target.port) as way:
        client.writer.write(_ESTABLISHED)
        early, _ = client.http.trailing_data
        way[1].write(early)
        await splice((client.reader, client.writer), way)


async def _forward(client: _Side, request: h11.Request, target: _Target) -> None:
    """Forward one request on a connection of its own, which ends when the client disconnects."""
    async with connected(target.host, target.port) as way:
        server = _Side(h11.CLIENT, *way)
        headers = _end_to_end(request.headers)
        await server.send(h11.Request(method=request.method, target=target.path, headers=headers))
        await _relay(client, server)
        await _relay_while_there(server, client)


async def _relay(source: _Side, sink: _Side) -> None:
    """Pass the rest of a message on, up to its end."""
    while True:
        event = await source.event()
        if isinstance(event, h11.Response):
            event = h11.Response(status_code=event.status_code, headers=_end_to_end(event.headers), reason=event.reason)
        await sink.send(event)
        if isinstance(event, h11.EndOfMessage):
            return


async def _relay_while_there(server: _Side, client: _Side) -> None:
    """Pass the response on; raises EOFError where the client disconnects before its end."""
    relay, watch = asyncio.create_task(_relay(server, client)), asyncio.create_task(_end_of(client))
    try:
        await asyncio.wait({relay, watch}, return_when=asyncio.FIRST_COMPLETED)
        if not relay.done():
            raise EOFError
        relay.result()
    finally:
        relay.cancel()
        watch.cancel()
        # A stream has one reader at a time, and the next request is read from this one.
        await asyncio.gather(relay, watch, return_exceptions=True)


async def _end_of(client: _Side) -> None:
    """Wait until the client disconnects; its next request may arrive before that."""
    while data := await client.reader.read(_PIECE):
        client.http.receive_data(data)


async def _answer(client: _Side, status: int, why: str, *, keep: bool = False) -> None:
    """Send an error, unless a response has begun; the connection is closed then, unless `keep`."""
    if client.http.our_state is h11.SEND_RESPONSE:
        body = f"{why}\n".encode()
        headers = [("content-length", str(len(body))), ("content-type", "text/plain")]
        headers += [] if keep else [("connection", "close")]
        await client.send(h11.Response(status_code=status, headers=headers))
        await client.send(h11.Data(data=body))
        await client.send(h11.EndOfMessage())


def _end_to_end(headers: Iterable[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
    return [(name, value) for name, value in headers if name not in _HOP_BY_HOP]

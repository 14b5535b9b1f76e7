"""The server of the services in `docs/watch.md`: an error, events, a slow stream, and the answer of a chat."""

from __future__ import annotations

import asyncio
import contextlib
import re

_LENGTH = re.compile(rb"content-length: *(\d+)", re.IGNORECASE)
_STREAM = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n"
_CHUNK = b'{"id": "1", "object": "chat.completion.chunk", "created": 1, "model": "any", "choices": [%s]}'
_DELTA = b'{"index": 0, "delta": {"content": "No."}}'
EVENTS = {
    b"/events": [b'{"price": 1}', b'{"error": "overloaded"}'],
    b"/slow": [b'{"price": 1}'],
    b"/chat/completions": [_CHUNK % _DELTA, _CHUNK % _DELTA],
}
"""The events of each path; the stream stays open after them."""
PLAIN = {
    b"/error": b"HTTP/1.1 500 Internal Server Error\r\ncontent-length: 5\r\n\r\nerror",
    b"/ok": b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok",
}


async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Answer the requests of one connection."""
    with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
        while True:
            head = await reader.readuntil(b"\r\n\r\n")
            if length := _LENGTH.search(head):
                await reader.readexactly(int(length[1]))
            path = head.split()[1]
            writer.write(PLAIN[path] if path in PLAIN else _STREAM + b"".join(map(_chunk, EVENTS[path])))
            await writer.drain()
    writer.close()


def _chunk(data: bytes) -> bytes:
    event = b"data: %s\n\n" % data
    return b"%x\r\n%s\r\n" % (len(event), event)

"""Answers of HTTP/2 that leave in one packet: with those of other streams, or with GOAWAY and frames behind it."""

from __future__ import annotations

import asyncio
from typing import Any

import hyperframe.frame

from .http2 import answer2

NOTICE = 2**31 - 1
collected: dict[Any, list[int]] = {}


async def together2(connection: Any, stream: int) -> None:
    """Answer all that is due within a moment at once."""
    collected.setdefault(connection, []).append(stream)
    await asyncio.sleep(0.02)
    for each in collected.pop(connection, []):
        await answer2(connection, each)


async def goaway_behind2(connection: Any, stream: int) -> None:
    await end_with(connection, stream, stream)


async def goaway_notice2(connection: Any, stream: int) -> None:
    await end_with(connection, stream, NOTICE)


async def goaway_window2(connection: Any, stream: int) -> None:
    await end_with(connection, stream, stream, hyperframe.frame.WindowUpdateFrame(0, window_increment=1024))


async def goaway_ping2(connection: Any, stream: int) -> None:
    await end_with(connection, stream, stream, hyperframe.frame.PingFrame(0, opaque_data=b"12345678"))


async def goaway_settings2(connection: Any, stream: int) -> None:
    await end_with(connection, stream, stream, hyperframe.frame.SettingsFrame(0, settings={3: 100}))


async def goaway_data2(connection: Any, stream: int) -> None:
    """GOAWAY is between the head and the body of the answer."""
    connection.head(stream, 2)
    head = connection.http.data_to_send()
    connection.http.send_data(stream, b"ok", end_stream=True)
    body = connection.http.data_to_send()
    connection.last = stream
    connection.writer.write(head + hyperframe.frame.GoAwayFrame(0, last_stream_id=stream).serialize() + body)


async def end_with(connection: Any, stream: int, last: int, *behind: Any) -> None:
    """Answer, and send GOAWAY behind; later streams were not seen."""
    await answer2(connection, stream)
    frames = [hyperframe.frame.GoAwayFrame(0, last_stream_id=last), *behind]
    connection.writer.write(connection.http.data_to_send() + b"".join(frame.serialize() for frame in frames))
    if last != NOTICE:
        connection.last = last
        for other in [name for name in connection.streams if name > last]:
            connection.streams.pop(other).cancel()

"""Faults of HTTP/2 whose frames leave in one packet: in one record of TLS, which a client reads as a whole.

`wire-h2` otherwise sends each frame on its own. Only these faults show what a client makes of a packet with answers to
several requests, or with frames behind GOAWAY. A cell whose load has none of them does not depend on this module.
"""

from __future__ import annotations

import asyncio
from functools import partial
from weakref import WeakKeyDictionary

from hyperframe.frame import Frame, GoAwayFrame, PingFrame, SettingsFrame, WindowUpdateFrame
from starlette.types import Send

from ..accounted_request import act
from ..fault_endpoint import BODY, TYPE, Fault
from .http2 import Exchange2, Http2

__all__ = ["PACKETS", "Http2"]

NOTICE = 2**31 - 1
"""The last stream in a GOAWAY that announces the end: all streams so far are served, and the connection stays open."""
MOMENT = 0.03
"""Seconds from the last of the answers that leave together to their packet."""
_HEAD = [(b":status", b"200"), (b"content-type", TYPE.encode()), (b"content-length", b"%d" % len(BODY))]
_collected: WeakKeyDictionary[Http2, list[bytes]] = WeakKeyDictionary()
"""The answers of a connection that leave together, in their order."""


def _answer(exchange: Exchange2) -> tuple[bytes, bytes]:
    """Return the frames of a whole answer: its head, and its body with the end of the stream."""
    http, stream = exchange._wire.http, exchange._stream
    exchange._ended = True
    http.send_headers(stream, _HEAD)
    head = http.data_to_send()
    http.send_data(stream, BODY, end_stream=True)
    return head, http.data_to_send()


async def _together(exchange: Exchange2, send: Send, seconds: float) -> None:
    """Answer in one packet with all requests of the connection that are answered within a moment of each other."""
    await send(act(partial(_collect, exchange), "sent"))


def _collect(exchange: Exchange2) -> None:
    wire = exchange._wire
    answers = _collected.setdefault(wire, [])
    answers.extend(_answer(exchange))
    asyncio.get_running_loop().call_later(MOMENT, _send_collected, wire, len(answers))


def _send_collected(wire: Http2, count: int) -> None:
    """Send the answers that are collected, unless there are more than `count` parts by now."""
    if len(_collected.get(wire, ())) == count:
        packet = b"".join(_collected.pop(wire))
        if not wire.transport.is_closing():
            wire.transport.write(packet)


def _goaway(*behind: Frame, last: int | None = None, split: bool = False) -> Fault:
    """Return the fault that sends an answer and GOAWAY in one packet, and other frames behind.

    `last` is the last stream that is served, by default that of the answer; `split` has the body behind GOAWAY.
    """

    async def fault(exchange: Exchange2, send: Send, seconds: float) -> None:
        await send(act(partial(_send_goaway, exchange, behind, last, split), "sent"))

    return fault


def _send_goaway(exchange: Exchange2, behind: tuple[Frame, ...], last: int | None, split: bool) -> None:
    wire = exchange._wire
    head, body = _answer(exchange)
    goaway = GoAwayFrame(0, last_stream_id=exchange._stream if last is None else last).serialize()
    frames = [head, goaway, body] if split else [head, body, goaway, *(frame.serialize() for frame in behind)]
    wire.transport.write(b"".join(frames))
    if last != NOTICE:
        _reject_later_streams(wire, exchange._stream)


def _reject_later_streams(wire: Http2, last: int) -> None:
    """Serve the streams up to the last one only; the others count as unseen, and the connection ends without them."""
    wire._last = last
    for stream, other in list(wire._streams.items()):
        if stream > last:
            other.leave("fault")


PACKETS: dict[str, Fault] = {
    "together": _together,
    "goaway-behind": _goaway(),
    "goaway-notice": _goaway(last=NOTICE),
    "goaway-window": _goaway(WindowUpdateFrame(0, window_increment=1024)),
    "goaway-ping": _goaway(PingFrame(0, opaque_data=b"poolgate")),
    "goaway-settings": _goaway(SettingsFrame(0, settings={SettingsFrame.MAX_CONCURRENT_STREAMS: 100})),
    "goaway-data": _goaway(split=True),
}
"""By name, the faults of this module; `wire-h2` has them in addition to its own, and keeps those."""

Exchange2.faults = {**PACKETS, **Exchange2.faults}

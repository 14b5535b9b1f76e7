"""HTTP/1.1 whose answers ask for more: redirects, statuses after which clients try again, requests to authenticate.

Each is a fault of the fault endpoint, and a whole answer that leaves its connection usable. All visits of one request
carry its name; the last one alone departs as `sent`.
"""

from __future__ import annotations

import functools
import socket
from contextlib import AbstractAsyncContextManager
from urllib.parse import parse_qs, unquote, urlsplit

import h11
from starlette.applications import Starlette
from starlette.types import ASGIApp, Send

from ..accounted_request import act, head, piece
from ..cell_state import Book
from ..fault_endpoint import BODY, TYPE, Fault, whole
from .http1 import Exchange1, Http1
from .wire import Wire, wire_door

HOPS = 3
"""The most redirects of a chain."""
STATUSES = (429, 503)
"""The statuses with which a first visit is refused."""


class Answers(Http1):
    """One connection of HTTP/1.1."""

    def __init__(self, app: Starlette, door: set[Wire]) -> None:
        super().__init__(app, door)
        self.book: Book = app.state.book

    def _begin(self, request: h11.Request) -> None:
        self._exchange = Answer(self, request)
        self.run(self._exchange, self.scope(request.method, request.target))


class Answer(Exchange1):
    """One request and its answer."""

    _wire: Answers

    def __init__(self, wire: Answers, request: h11.Request) -> None:
        super().__init__(wire)
        self.target = request.target
        self.authorised = any(name == b"authorization" for name, _ in request.headers)

    def serve_next_time(self) -> None:
        """Let the next visit of this request be served."""
        url = urlsplit(self.target.decode("ascii"))
        cell = self._wire.book.cell(unquote(url.path.split("/")[2]))
        cell.sent_away.update(parse_qs(url.query)["request"])


async def _asking(send: Send, status: int, header: tuple[bytes, bytes]) -> None:
    """Send a whole answer that does not end the request."""
    await send(act(lambda: None))
    start = head(TYPE, len(BODY), status=status)
    start["headers"].append(header)
    await send(start)
    await send(piece(BODY, last=True))


async def _unauthorised(answer: Answer, send: Send, seconds: float) -> None:
    if answer.authorised:
        await whole(send)
    else:
        await _asking(send, 401, (b"www-authenticate", b"Bearer"))


def _refusing(status: int) -> Fault:
    """Return the fault that refuses a request on its first visit only."""

    async def refuse(answer: Answer, send: Send, seconds: float) -> None:
        answer.serve_next_time()
        await _asking(send, status, (b"retry-after", b"0"))

    return refuse


def _redirecting(left: int) -> Fault:
    """Return the fault that redirects a request to the one with a redirect less."""

    async def redirect(answer: Answer, send: Send, seconds: float) -> None:
        if not left:
            await whole(send)
            return
        next_hop = answer.target.replace(b"redirects-%d" % left, b"redirects-%d" % (left - 1))
        await _asking(send, 302, (b"location", next_hop))

    return redirect


Answer.faults = {
    "unauthorised": _unauthorised,
    **{f"status-{status}": _refusing(status) for status in STATUSES},
    **{f"redirects-{left}": _redirecting(left) for left in range(HOPS + 1)},
}


def answers_door(app: ASGIApp, listener: socket.socket) -> AbstractAsyncContextManager[None]:
    """Serve the door within the block."""
    assert isinstance(app, Starlette)
    return wire_door(functools.partial(Answers, app), listener, None)

"""The endpoint that commits faults, and the faults that any version of HTTP allows.

Hypercorn keeps to the protocols whatever an application does, so servers of our own commit the faults, the wire doors.
Each request names its fault, so a plan defines exactly which of its requests meets which fault.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Mapping
from typing import Any, Protocol

from starlette.requests import Request
from starlette.types import Send

from .accounted_request import Held, act, head, piece
from .endpoints import MAX_SECONDS, cell_of
from .query_parameters import Query, refused

EXCHANGE = "poolgate.exchange"
"""The key of the exchange in the ASGI scope, on doors that commit faults."""

BODY = b"." * 1024
"""The body of a fault's answer, or twice its half."""
TYPE = "application/octet-stream"
SENDS_AWAY = "goaway-now"
"""The fault that declares a request unseen: when the client sends it again, it is served."""
MOMENT = 0.05
"""Seconds in which a client reads data that was sent."""


class Breakable(Protocol):
    """One request and its response on a connection that can be broken."""

    @property
    def faults(self) -> Mapping[str, Fault]:
        """The faults of this door."""

    def expect(self, fault: str) -> None:
        """Prepare for the fault that follows, before the request is held."""

    def reset(self) -> None:
        """End the connection with a RST."""

    def close(self) -> None:
        """End the connection with a FIN, after what was sent."""


Fault = Callable[[Any, Send, float], Coroutine[Any, Any, None]]
"""Commits a fault in an exchange, through `send`; the seconds are the requested ones."""


async def fault(request: Request) -> Held:
    """A request whose response breaks.
    ---
    summary: Holds the request some seconds, then commits a fault; wire doors and answers do, each its own.
    parameters:
      - {$ref: "#/components/parameters/cell"}
      - {$ref: "#/components/parameters/request"}
      - {$ref: "#/components/parameters/phase"}
      - {name: seconds, in: query, required: true, schema: {type: number, minimum: 0, maximum: 600}}
      - name: fault
        in: query
        required: true
        schema:
          type: string
          enum: [reset-head, reset-body, close-head, close-body, stall-head, stall-body, no-length, half-close,
                 close-idle, bad-chunk, bad-head, redirect, early-answer, goaway, goaway-now, reset-stream,
                 lower-limit, together, goaway-behind, goaway-notice, goaway-window, goaway-ping, goaway-settings,
                 goaway-data, unauthorised, status-429, status-503, redirects-0, redirects-1, redirects-2,
                 redirects-3]
    responses:
      "200": {description: "Where the fault leaves one, a body of 1024 bytes or half of it."}
      "400": {$ref: "#/components/responses/refused"}
      "503": {$ref: "#/components/responses/cut"}
    """
    exchange: Breakable | None = request.scope.get("extensions", {}).get(EXCHANGE)
    if exchange is None:
        raise refused("no fault is committed by this door, but by wire, wire-tls and wire-h2")
    query = Query(request)
    label = query.label()
    seconds = query.number("seconds", 0, MAX_SECONDS)
    name = query.choice("fault", *exchange.faults)
    query.nothing_else()
    cell = cell_of(request)
    exchange.expect(name)

    async def script(send: Send) -> None:
        await asyncio.sleep(seconds)
        if label.request in cell.sent_away:
            await whole(send)
            return
        if name == SENDS_AWAY:
            cell.sent_away.add(label.request)
        await exchange.faults[name](exchange, send, seconds)

    return Held(cell, label, script, asked=seconds)


async def whole(send: Send) -> None:
    """Send a complete response."""
    await send(head(TYPE, len(BODY)))
    await send(piece(BODY, last=True))


async def half(send: Send) -> None:
    """Send a response that ends before its declared length."""
    await send(head(TYPE, len(BODY)))
    await send(piece(BODY[: len(BODY) // 2], last=False))


async def for_ever() -> None:
    """Do nothing more, until the client's disconnect or the end of the cell cancels this."""
    await asyncio.Event().wait()


async def _reset_head(exchange: Breakable, send: Send, seconds: float) -> None:
    await send(act(exchange.reset))


async def _reset_body(exchange: Breakable, send: Send, seconds: float) -> None:
    await half(send)
    # A RST takes away what came before it and was not read yet: the client would sometimes see it, sometimes not.
    await asyncio.sleep(MOMENT)
    await send(act(exchange.reset))


async def _close_head(exchange: Breakable, send: Send, seconds: float) -> None:
    await send(act(exchange.close))


async def _close_body(exchange: Breakable, send: Send, seconds: float) -> None:
    await half(send)
    await send(act(exchange.close))


async def _stall_head(exchange: Breakable, send: Send, seconds: float) -> None:
    await for_ever()


async def _stall_body(exchange: Breakable, send: Send, seconds: float) -> None:
    await half(send)
    await for_ever()


COMMON: Mapping[str, Fault] = {
    "reset-head": _reset_head,
    "reset-body": _reset_body,
    "close-head": _close_head,
    "close-body": _close_body,
    "stall-head": _stall_head,
    "stall-body": _stall_body,
}

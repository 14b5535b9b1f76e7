"""One scripted answer: how long it waits, its status and pieces, and how it ends."""

from __future__ import annotations

import asyncio
import dataclasses
from typing import Any

from starlette.types import Send

from ..accounted_request import Script, act, piece
from ..cell_state import Cell
from ..fault_endpoint import MOMENT, for_ever
from ..query_parameters import refused

ENDS = ("whole", "stall", "reset", "close", "reset-stream")
"""A complete body; one that never ends; a RST or a FIN in the body; the end of one stream of HTTP/2."""

RELEASES = "pieces"
"""The name of the releases that the requests of a script share."""


@dataclasses.dataclass(frozen=True)
class Answer:
    """An answer. `seconds` pass before its head, `between` before each piece after the first.

    `together` requests are held before it, for `bound` seconds at most; with `steps`, each piece waits for a release.
    `fault` is one of the faults of a wire door, in place of all else but `seconds`.
    """

    status: int = 200
    headers: tuple[tuple[str, str], ...] = ()
    pieces: tuple[bytes, ...] = ()
    seconds: float = 0.0
    between: float = 0.0
    together: int = 0
    bound: float = 5.0
    steps: bool = False
    ends: str = "whole"
    fault: str | None = None

    @classmethod
    def read(cls, plain: dict[str, Any]) -> Answer:
        """Return the answer of a JSON object; its bytes are Latin-1. Raises the 400 for another object."""
        try:
            pieces = tuple(text.encode("latin-1") for text in plain.pop("pieces", ()))
            headers = tuple((name, value) for name, value in plain.pop("headers", ()))
            return cls(pieces=pieces, headers=headers, **plain)
        except (AttributeError, TypeError, ValueError) as error:
            raise refused(f"the answer is not valid: {error}") from None

    def script(self, cell: Cell, exchange: Any) -> Script:
        """Return what is done for one request; `exchange` is None on a door that can't break a connection."""
        if exchange is None and (self.fault or self.ends not in ("whole", "stall")):
            raise refused("no connection is broken by this door, but by wire, wire-tls and wire-h2")
        if self.fault and self.fault not in exchange.faults:
            raise refused(f"this protocol has no fault {self.fault!r}; it has {', '.join(exchange.faults)}")
        if self.ends == "reset-stream" and not hasattr(exchange, "reset_stream"):
            raise refused("only HTTP/2 has streams that can be reset")

        async def script(send: Send) -> None:
            await asyncio.sleep(self.seconds)
            if self.together:
                await cell.barrier(f"together-{self.together}", self.together, self.bound).join()
            if self.fault:
                await exchange.faults[self.fault](exchange, send, self.seconds)
                return
            await self._send(send, cell.releases[RELEASES])
            await self._end(send, exchange)

        return script

    async def _send(self, send: Send, release: asyncio.Semaphore) -> None:
        """Send head and pieces."""
        headers = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in self.headers]
        await send({"type": "http.response.start", "status": self.status, "headers": headers})
        await send(piece(b"", last=False))  # Hypercorn sends no head before a piece
        for n, body in enumerate(self.pieces):
            if self.steps:
                await release.acquire()
            elif n:
                await asyncio.sleep(self.between)
            await send(piece(body, last=False))

    async def _end(self, send: Send, exchange: Any) -> None:
        match self.ends:
            case "stall":
                await for_ever()
            case "reset":
                # A RST discards what was sent and is not read yet.
                await asyncio.sleep(MOMENT)
                await send(act(exchange.reset))
            case "close":
                await send(act(exchange.close))
            case "reset-stream":
                await asyncio.sleep(MOMENT)
                await send(act(exchange.reset_stream))
            case _:
                await send(piece(b"", last=True))

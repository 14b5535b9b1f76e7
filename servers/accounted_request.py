"""The life of an accounted request: it arrives, is held, is answered in pieces, and departs once.

Every endpoint for a client under test answers with a `Held`; they differ only in their script, which waits and sends
ASGI messages. A new behaviour is a new script.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Coroutine
from functools import partial
from typing import Any

from starlette.responses import JSONResponse
from starlette.types import Message, Receive, Scope, Send

from .account import How, Visit
from .cell_state import Cell
from .query_parameters import Label

Script = Callable[[Send], Coroutine[Any, Any, None]]
"""The work for one request; it is cancelled when the client disconnects or the cell is forgotten."""

_ACT = "poolgate.act"
"""A message that is not part of ASGI: it acts on the connection, which only our own listeners (doors) allow."""


def act(deed: Callable[[], None], how: How = "fault") -> Message:
    """Return a message that ends a request other than by the last piece; the request departs just before the deed."""
    return {"type": _ACT, "deed": deed, "how": how}


def head(media_type: str, length: int | None, status: int = 200) -> Message:
    """Return the start of a response; `length` in bytes, None for a chunked one."""
    headers = [(b"content-type", media_type.encode())]
    if length is not None:
        headers.append((b"content-length", str(length).encode()))
    return {"type": "http.response.start", "status": status, "headers": headers}


def piece(body: bytes, *, last: bool) -> Message:
    """Return a piece of the body; `last` ends the response."""
    return {"type": "http.response.body", "body": body, "more_body": not last}


async def answer(send: Send, content: dict[str, Any]) -> None:
    """Send a whole response in JSON."""
    body = json.dumps(content).encode()
    await send(head("application/json", len(body)))
    await send(piece(body, last=True))


class Held:
    """The accounted response to one request; `asked` is the hold in seconds that it asked for, None without one.

    `whole` is set when the last byte of the request has arrived.
    """

    def __init__(
        self, cell: Cell, label: Label, script: Script, asked: float | None = None, whole: asyncio.Event | None = None
    ) -> None:
        self._cell = cell
        self._label = label
        self._script = script
        self._asked = asked
        self._whole = whole or asyncio.Event()
        self._started = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        visit = self._cell.account.arrive(*self._label, self._asked, **_way(scope))
        try:
            await self._race(visit, receive, send)
        finally:
            visit.depart("cut")
        # Where the response has begun, returning without its end makes Hypercorn break the connection, but leave a
        # stream of HTTP/2 as it is; our own doors reset that.
        if visit.how == "cut" and not self._started:
            await JSONResponse({"error": "the cell was forgotten or the server ends"}, 503)(scope, receive, send)

    async def _race(self, visit: Visit, receive: Receive, send: Send) -> None:
        """Run the script until it is done or the client disconnects."""
        async with asyncio.TaskGroup() as tasks:
            work = tasks.create_task(self._script(partial(self._send, visit, send)))
            watch = tasks.create_task(_watch(visit, receive, work, self._whole))
            work.add_done_callback(lambda _: watch.cancel())
            self._cell.hold(work)

    async def _send(self, visit: Visit, send: Send, message: Message) -> None:
        """Send, and depart just before the end: the client may use the connection again as soon as it has read it."""
        self._started = True
        if message["type"] == _ACT:
            visit.depart(message["how"])
            message["deed"]()
            return
        if message["type"] == "http.response.body" and not message["more_body"]:
            visit.depart("sent")
        await send(message)
        # A send that finds room does not suspend: without this, a script that only sends would stop all other cells.
        if visit.how is None:
            await asyncio.sleep(0)


async def _watch(visit: Visit, receive: Receive, work: asyncio.Task[None], whole: asyncio.Event) -> None:
    """Stop the work when the client disconnects; not once the response is sent, as that ends in a disconnect too.

    Our own doors send `how` where the client was not the cause: a fault may end the other streams of its connection.
    """
    while (message := await receive())["type"] != "http.disconnect":
        if not message.get("more_body", False):
            whole.set()
    if visit.depart(message.get("how", "disconnected")) or visit.how == "fault":
        work.cancel()


def _way(scope: Scope) -> dict[str, Any]:
    """Return the connection by which a request arrived."""
    host, port = scope["client"]
    return {"client": f"{host}:{port}", "port": scope["server"][1], "http": scope["http_version"]}

"""The application of the scripted server: answers that a test has written, below `/answers/NAME/`.

`PUT /scripts/NAME` writes the answers of a name: the first request gets the first, all after the last get the last.
`POST /scripts/NAME/release` releases pieces, `GET` lists what arrived, `DELETE` forgets the name. All
other paths are those of `poolgate.servers`. Each request is accounted as there, in a cell of its name.
"""

from __future__ import annotations

import json
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from ..accounted_request import Held
from ..cell_state import Book
from ..fault_endpoint import EXCHANGE
from ..query_parameters import Label, refused
from .answer import ENDS, RELEASES, Answer

PHASE = "scripted"


class Scripted:
    """The application; other requests go on to the one of `poolgate.servers`."""

    def __init__(self, others: ASGIApp, book: Book) -> None:
        self._others = others
        self._book = book
        self._answers: dict[str, list[Answer]] = {}
        self._arrived: dict[str, int] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        room, _, rest = scope.get("path", "").lstrip("/").partition("/")
        name, _, path = rest.partition("/")
        if scope["type"] != "http" or room not in ("answers", "scripts"):
            await self._others(scope, receive, send)
            return
        try:
            if room == "answers":
                response: ASGIApp = self._answer(scope, name, path)
            else:
                response = await self._control(Request(scope, receive), name, path)
        except HTTPException as error:
            response = JSONResponse({"error": error.detail}, error.status_code)
        await response(scope, receive, send)

    def _answer(self, scope: Scope, name: str, path: str) -> Held:
        answers = self._answers.get(name)
        if answers is None:
            raise refused(f"no answers are written for {name!r}")
        count = self._arrived[name] = self._arrived.get(name, 0) + 1
        answer = answers[min(count, len(answers)) - 1]
        request = f"{count} {scope['method']} /{path}"[:200]
        exchange = scope.get("extensions", {}).get(EXCHANGE)
        cell = self._book.cell(name)
        return Held(cell, Label(request, PHASE), answer.script(cell, exchange))

    async def _control(self, request: Request, name: str, path: str) -> Response:
        match request.method, path:
            case "PUT", "":
                self._answers[name] = [_answer(plain) for plain in json.loads(await request.body())]
            case "POST", "release":
                for _ in range(int(request.query_params.get("steps", "1"))):
                    self._book.cell(name).releases[RELEASES].release()
            case "GET", "":
                return JSONResponse(self._book.account(name).records)
            case "DELETE", "":
                self._answers.pop(name, None)
                self._arrived.pop(name, None)
                self._book.forget(name)
            case _:
                raise HTTPException(405, f"{request.method} is not a request to a script")
        return JSONResponse({})


def _answer(plain: dict[str, Any]) -> Answer:
    answer = Answer.read(plain)
    if answer.ends not in ENDS:
        raise refused(f"ends must be one of {', '.join(ENDS)}, not {answer.ends!r}")
    if answer.fault is not None and answer.fault not in _faults():
        raise refused(f"there is no fault {answer.fault!r}; there are {', '.join(sorted(_faults()))}")
    return answer


def _faults() -> set[str]:
    """Return the faults of the wire doors, whose modules are needed only here."""
    from ..doors.http1 import Exchange1
    from ..doors.http2 import Exchange2

    return {*Exchange1.faults, *Exchange2.faults}

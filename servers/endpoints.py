"""The endpoints for a client under test; each is a script for a `Held` response.

Their docstrings hold the OpenAPI description after the dashes.
"""

from __future__ import annotations

import asyncio

from starlette.requests import Request
from starlette.types import Send

from .accounted_request import Held, answer, head, piece
from .cell_state import Book, Cell
from .query_parameters import MAX_NAME, Label, Query, refused

MAX_SECONDS = 600
MIN_INTERVAL = 0.001
MAX_TOGETHER = 10_000
MAX_PIECES = 10_000
MAX_BODY = 16 * 1024 * 1024

_BYTES = "application/octet-stream"


def book_of(request: Request) -> Book:
    """Return the book that the application was built with."""
    book = request.app.state.book
    assert isinstance(book, Book)
    return book


def name_of(request: Request) -> str:
    """Return the cell's name in the path; raises the 400 where it is too long."""
    name = str(request.path_params["cell"])
    if len(name) > MAX_NAME:
        raise refused(f"the name of a cell must have 1 to {MAX_NAME} characters")
    return name


def cell_of(request: Request) -> Cell:
    """Return the cell that the path names."""
    return book_of(request).cell(name_of(request))


def _asked(request: Request) -> tuple[Label, float]:
    """Return the label and the seconds of an endpoint that takes no other parameter."""
    query = Query(request)
    label = query.label()
    seconds = query.number("seconds", 0, MAX_SECONDS)
    query.nothing_else()
    return label, seconds


async def sleep(request: Request) -> Held:
    """A request that takes its time.
    ---
    summary: Holds the request some seconds, then answers.
    parameters:
      - {$ref: "#/components/parameters/cell"}
      - {$ref: "#/components/parameters/request"}
      - {$ref: "#/components/parameters/phase"}
      - {name: seconds, in: query, required: true, schema: {type: number, minimum: 0, maximum: 600}}
    responses:
      "200": {description: "The request's name, as `request`."}
      "400": {$ref: "#/components/responses/refused"}
      "503": {$ref: "#/components/responses/cut"}
    """
    label, seconds = _asked(request)

    async def script(send: Send) -> None:
        await asyncio.sleep(seconds)
        await answer(send, {"request": label.request})

    return Held(cell_of(request), label, script, asked=seconds)


async def upload(request: Request) -> Held:
    """A request with a body.
    ---
    summary: Reads the whole body, holds the request some seconds, then answers.
    parameters:
      - {$ref: "#/components/parameters/cell"}
      - {$ref: "#/components/parameters/request"}
      - {$ref: "#/components/parameters/phase"}
      - {name: seconds, in: query, required: true, schema: {type: number, minimum: 0, maximum: 600}}
    responses:
      "200": {description: "The request's name, as `request`."}
      "400": {$ref: "#/components/responses/refused"}
      "503": {$ref: "#/components/responses/cut"}
    """
    label, seconds = _asked(request)
    whole = asyncio.Event()

    async def script(send: Send) -> None:
        await whole.wait()
        await asyncio.sleep(seconds)
        await answer(send, {"request": label.request})

    # The client influences how long that takes as well, so it does not count as the requested hold.
    return Held(cell_of(request), label, script, whole=whole)


async def barrier(request: Request) -> Held:
    """Requests that are held together, so that slots can be counted.
    ---
    summary: Holds the requests of a phase until `want` are held together, or `bound` seconds after the first.
    parameters:
      - {$ref: "#/components/parameters/cell"}
      - {$ref: "#/components/parameters/request"}
      - {$ref: "#/components/parameters/phase"}
      - {name: want, in: query, required: true, schema: {type: integer, minimum: 1, maximum: 10000}}
      - {name: bound, in: query, required: true, schema: {type: number, minimum: 0, maximum: 600}}
    responses:
      "200": {description: "How many were held `together` when it opened, and whether this one came too `late`."}
      "400": {$ref: "#/components/responses/refused"}
      "503": {$ref: "#/components/responses/cut"}
    """
    query = Query(request)
    label = query.label()
    want = query.integer("want", 1, MAX_TOGETHER)
    bound = query.number("bound", 0, MAX_SECONDS)
    query.nothing_else()
    cell = cell_of(request)
    gate = cell.barrier(label.phase, want, bound)
    if (gate.want, gate.bound) != (want, bound):
        raise refused(f"the barrier of phase {label.phase!r} has want={gate.want} and bound={gate.bound:g} already")

    async def script(send: Send) -> None:
        late = await gate.join()
        await answer(send, {"together": gate.together, "late": late})

    return Held(cell, label, script)


async def steps(request: Request) -> Held:
    """A response whose progress is counted, so that a client can be cancelled at each step of it.
    ---
    summary: Sends the headers, then counted pieces; with `release=event` each of them waits for one release.
    parameters:
      - {$ref: "#/components/parameters/cell"}
      - {$ref: "#/components/parameters/request"}
      - {$ref: "#/components/parameters/phase"}
      - {name: pieces, in: query, required: true, schema: {type: integer, minimum: 1, maximum: 10000}}
      - {name: size, in: query, required: true, schema: {type: integer, minimum: 1, maximum: 16777216},
         description: "Bytes of a piece; all pieces together may have 16 MiB."}
      - {name: release, in: query, required: true, schema: {type: string, enum: [auto, event]}}
    responses:
      "200": {description: "`pieces` pieces of `size` bytes, with a content-length."}
      "400": {$ref: "#/components/responses/refused"}
      "503": {$ref: "#/components/responses/cut"}
    """
    query = Query(request)
    label = query.label()
    pieces = query.integer("pieces", 1, MAX_PIECES)
    size = query.integer("size", 1, MAX_BODY)
    release = query.choice("release", "auto", "event")
    query.nothing_else()
    if pieces * size > MAX_BODY:
        raise refused(f"pieces and size make {pieces * size} bytes, {MAX_BODY} are allowed")
    cell = cell_of(request)

    async def released() -> None:
        if release == "event":
            await cell.releases[label.request].acquire()

    async def script(send: Send) -> None:
        await released()
        await send(head(_BYTES, pieces * size))
        for sent in range(1, pieces + 1):
            await released()
            await send(piece(b"." * size, last=sent == pieces))

    return Held(cell, label, script)


async def stream(request: Request) -> Held:
    """A response that only its client can end.
    ---
    summary: Sends a piece every some seconds, chunked, until the client disconnects.
    parameters:
      - {$ref: "#/components/parameters/cell"}
      - {$ref: "#/components/parameters/request"}
      - {$ref: "#/components/parameters/phase"}
      - {name: size, in: query, required: true, schema: {type: integer, minimum: 1, maximum: 16777216}}
      - {name: seconds, in: query, required: true, schema: {type: number, minimum: 0.001, maximum: 600}}
    responses:
      "200": {description: "Pieces of `size` bytes without end."}
      "400": {$ref: "#/components/responses/refused"}
      "503": {$ref: "#/components/responses/cut"}
    """
    query = Query(request)
    label = query.label()
    size = query.integer("size", 1, MAX_BODY)
    seconds = query.number("seconds", MIN_INTERVAL, MAX_SECONDS)
    query.nothing_else()

    async def script(send: Send) -> None:
        await send(head(_BYTES, None))
        while True:
            await send(piece(b"." * (size - 1) + b"\n", last=False))
            await asyncio.sleep(seconds)

    return Held(cell_of(request), label, script)

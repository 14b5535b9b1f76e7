"""The application: its routes, its errors, and the document that describes them.

In addition to the endpoints for a client under test, some let the harness control and read a cell; these are not
accounted.
"""

from __future__ import annotations

from typing import Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route
from starlette.schemas import SchemaGenerator

from .cell_state import Book
from .doors.opening import STREAMS, Doors, UnknownDoorError
from .endpoints import barrier, book_of, cell_of, name_of, sleep, steps, stream, upload
from .fault_endpoint import fault
from .query_parameters import Query, refused

MAX_STEPS = 100_000
MAX_STREAMS = 1000

_NAME = {"type": "string", "minLength": 1, "maxLength": 200}

_OPENAPI: dict[str, Any] = {
    "openapi": "3.1.0",
    "info": {"title": "poolgate.servers", "version": "1"},
    "components": {
        "parameters": {
            "cell": {"name": "cell", "in": "path", "required": True, "schema": _NAME},
            "request": {"name": "request", "in": "query", "required": True, "schema": _NAME},
            "phase": {"name": "phase", "in": "query", "required": True, "schema": _NAME},
        },
        "responses": {
            "refused": {"description": "A parameter is missing, unknown or out of bounds; `error` says which."},
            "cut": {"description": "The cell was forgotten or the server ended before the response had begun."},
        },
    },
}


async def health(request: Request) -> JSONResponse:
    """Whether the server answers.
    ---
    summary: Says that the server answers.
    responses:
      "200": {description: "`status` is ok."}
    """
    return JSONResponse({"status": "ok"})


async def openapi(request: Request) -> JSONResponse:
    """The document that describes the server.
    ---
    summary: This document, made from the handlers themselves.
    responses:
      "200": {description: "An OpenAPI document."}
    """
    return JSONResponse(SchemaGenerator(_OPENAPI).get_schema(request.app.routes))


async def account(request: Request) -> JSONResponse:
    """What the server saw.
    ---
    summary: The account of a cell so far.
    parameters:
      - {$ref: "#/components/parameters/cell"}
    responses:
      "200": {description: "The `cell`, its `records`, and in `overflow` whether some found no room."}
      "400": {$ref: "#/components/responses/refused"}
    """
    name = name_of(request)
    seen = book_of(request).account(name)
    return JSONResponse({"cell": name, "records": seen.records, "overflow": seen.overflow})


async def forget(request: Request) -> JSONResponse:
    """The end of a cell.
    ---
    summary: Forgets a cell and cuts the requests that it holds; the same where there is no such cell.
    parameters:
      - {$ref: "#/components/parameters/cell"}
    responses:
      "200": {description: "The `cell` that is forgotten."}
      "400": {$ref: "#/components/responses/refused"}
    """
    name = name_of(request)
    book_of(request).forget(name)
    return JSONResponse({"cell": name})


async def release(request: Request) -> JSONResponse:
    """What makes a stepped response go on.
    ---
    summary: Releases steps of a request's stepped response; they are kept where they come before the request.
    parameters:
      - {$ref: "#/components/parameters/cell"}
      - {$ref: "#/components/parameters/request"}
      - {name: steps, in: query, required: false, schema: {type: integer, minimum: 1, maximum: 100000, default: 1}}
    responses:
      "200": {description: "How many `steps` were released."}
      "400": {$ref: "#/components/responses/refused"}
    """
    query = Query(request)
    name = query.text("request")
    count = query.integer("steps", 1, MAX_STEPS, default=1)
    query.nothing_else()
    gate = cell_of(request).releases[name]
    for _ in range(count):
        gate.release()
    return JSONResponse({"steps": count})


async def door(request: Request) -> JSONResponse:
    """A further port, with a behaviour of its own.
    ---
    summary: Opens a door of the server, on a port of its own; the same door where it is open already.
    parameters:
      - name: name
        in: path
        required: true
        schema: {type: string}
        description: "One of the kinds, such as `tls`; `tls#1` to `tls#31` are further doors of a kind."
      - {name: streams, in: query, required: false, schema: {type: integer, minimum: 1, maximum: 1000, default: 100},
         description: "Streams that a client may have open on a connection of `wire-h2`."}
    responses:
      "200": {description: "Its `name`, `host` and `port`, and in `ca` the authority to trust, as PEM text, or null."}
      "400": {$ref: "#/components/responses/refused"}
    """
    query = Query(request)
    name = str(request.path_params["name"])
    streams = query.integer("streams", 1, MAX_STREAMS, default=STREAMS)
    query.nothing_else()
    doors = request.app.state.doors
    assert isinstance(doors, Doors)
    try:
        return JSONResponse(await doors.open(name, streams))
    except UnknownDoorError as error:
        raise refused(str(error)) from None


async def _refuse(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)
    why = f"there is nothing at {request.url.path}" if error.status_code == 404 else error.detail
    return JSONResponse({"error": why}, error.status_code, headers=error.headers)


def _route(method: str, path: str, endpoint: Any) -> Route:
    route = Route(path, endpoint, methods=[method])
    # Starlette answers HEAD wherever it answers GET, but a response to HEAD ends before its departure is recorded.
    route.methods = {method}
    return route


def application(book: Book, doors: Doors) -> Starlette:
    """Return the ASGI application behind all listeners (doors), which writes into this book."""

    routes = [
        _route("GET", "/health", health),
        _route("GET", "/openapi.json", openapi),
        _route("GET", "/cells/{cell}/sleep", sleep),
        _route("POST", "/cells/{cell}/upload", upload),
        _route("GET", "/cells/{cell}/barrier", barrier),
        _route("GET", "/cells/{cell}/steps", steps),
        _route("POST", "/cells/{cell}/release", release),
        _route("GET", "/cells/{cell}/stream", stream),
        _route("GET", "/cells/{cell}/fault", fault),
        _route("POST", "/cells/{cell}/fault", fault),
        _route("GET", "/cells/{cell}/account", account),
        _route("DELETE", "/cells/{cell}", forget),
        _route("PUT", "/doors/{name}", door),
    ]
    app = Starlette(routes=routes, exception_handlers={HTTPException: _refuse})
    app.router.redirect_slashes = False
    app.state.book = book
    app.state.doors = doors
    return app

"""The document describes the server as it is: what it lists as required, bounded or allowed is just that, and what is
wrong is refused with one clear line."""

from __future__ import annotations

from typing import Any

import pytest
from starlette.routing import Route
from support.server_client import Server, path

from poolgate.servers.app import application
from poolgate.servers.cell_state import Book
from poolgate.servers.doors.answers import Answer
from poolgate.servers.doors.http1 import Exchange1
from poolgate.servers.doors.http2 import Exchange2
from poolgate.servers.doors.opening import STREAMS, Doors
from poolgate.servers.doors.packets import PACKETS

Parameters = list[dict[str, Any]]

GOOD = {
    "sleep": {"request": "r", "phase": "p", "seconds": "0"},
    "upload": {"request": "r", "phase": "p", "seconds": "0"},
    "barrier": {"request": "r", "phase": "p", "want": "1", "bound": "0"},
    "steps": {"request": "r", "phase": "p", "pieces": "1", "size": "1", "release": "auto"},
    "release": {"request": "r", "steps": "1"},
    "stream": {"request": "r", "phase": "p", "size": "1", "seconds": "1"},
}


async def described(server: Server, verb: str) -> tuple[str, Parameters]:
    """The method of an endpoint, or the first of them, and its query parameters."""
    _, document = await server.ask("/openapi.json")
    (method, operation), *_ = document["paths"][f"/cells/{{cell}}/{verb}"].items()
    shared = document["components"]["parameters"]
    parameters = [shared[p["$ref"].rpartition("/")[2]] if "$ref" in p else p for p in operation["parameters"]]
    return method.upper(), [parameter for parameter in parameters if parameter["in"] == "query"]


async def error(server: Server, cell: str, verb: str, method: str, query: dict[str, str]) -> str:
    """The one line with which a request is refused."""
    status, answer = await server.ask(path(cell, verb, **query), method)
    assert status == 400
    assert list(answer) == ["error"]
    assert "\n" not in answer["error"]
    return str(answer["error"])


async def test_it_lists_every_route(server: Server) -> None:
    _, document = await server.ask("/openapi.json")
    listed = {(route, method.upper()) for route, methods in document["paths"].items() for method in methods}
    routes = [route for route in application(Book(), Doors(("127.0.0.1", 1))).routes if isinstance(route, Route)]
    assert listed == {(route.path, method) for route in routes for method in route.methods or ()}
    assert len(listed) == 13


@pytest.mark.parametrize("verb", GOOD)
async def test_parameters_are_those_that_the_endpoint_takes(server: Server, cell: str, verb: str) -> None:
    method, parameters = await described(server, verb)
    assert {parameter["name"] for parameter in parameters} == set(GOOD[verb])
    for name in (parameter["name"] for parameter in parameters if parameter["required"]):
        query = {key: value for key, value in GOOD[verb].items() if key != name}
        assert await error(server, cell, verb, method, query) == f"query parameter {name!r} is missing"
    assert await error(server, cell, verb, method, GOOD[verb] | {"x": "1"}) == "unknown query parameter 'x'"


@pytest.mark.parametrize("verb", GOOD)
async def test_bounds_are_those_that_the_endpoint_has(server: Server, cell: str, verb: str) -> None:
    method, parameters = await described(server, verb)
    for name, schema in ((parameter["name"], parameter["schema"]) for parameter in parameters):
        for bad in bad_values(schema):
            assert name in await error(server, cell, verb, method, GOOD[verb] | {name: bad})


def bad_values(schema: dict[str, Any]) -> list[str]:
    """Values that a schema doesn't allow, close to those that it does."""
    if "enum" in schema:
        return ["maybe"]
    if schema["type"] == "string":
        return ["", "x" * (schema["maxLength"] + 1)]
    step = 1 if schema["type"] == "integer" else 0.0001
    return ["many", "nan", str(schema["minimum"] - step), str(schema["maximum"] + step)]


async def test_the_faults_are_those_of_the_wire_doors(server: Server) -> None:
    _, parameters = await described(server, "fault")
    by_name = {parameter["name"]: parameter["schema"] for parameter in parameters}
    assert set(by_name["fault"]["enum"]) == {*Exchange1.faults, *Exchange2.faults, *PACKETS, *Answer.faults}
    assert set(by_name) == {"request", "phase", "seconds", "fault"}


async def test_the_streams_of_a_door_are_bounded_as_described(server: Server) -> None:
    _, document = await server.ask("/openapi.json")
    _, streams = document["paths"]["/doors/{name}"]["put"]["parameters"]
    schema = streams["schema"]
    assert (streams["name"], schema["default"]) == ("streams", STREAMS)
    for bad in bad_values(schema):
        status, answer = await server.ask(f"/doors/wire-h2?streams={bad}", "PUT")
        assert (status, answer["error"][:8]) == (400, "streams ")
    for good in (schema["minimum"], schema["maximum"]):
        assert (await server.ask(f"/doors/wire-h2?streams={good}", "PUT"))[0] == 200
    assert await server.ask("/doors/wire?x=1", "PUT") == (400, {"error": "unknown query parameter 'x'"})


@pytest.mark.parametrize("verb", GOOD)
async def test_the_bounds_themselves_are_allowed(server: Server, cell: str, verb: str) -> None:
    """The arrival is enough: the test does not wait for the largest values."""
    method, parameters = await described(server, verb)
    for name, schema in ((p["name"], p["schema"]) for p in parameters if "minimum" in p["schema"]):
        for value in (schema["minimum"], schema["maximum"]):
            other = f"{cell} {name} {value}"
            async with server.connect() as client:
                await client.send(path(other, verb, **(GOOD[verb] | {name: str(value)})), method)
                if verb == "release":
                    assert (await client.head())[0] == 200
                else:
                    await server.until_count(other, "arrived", 1)


async def test_a_body_has_a_bound(server: Server, cell: str) -> None:
    query = GOOD["steps"] | {"pieces": "17", "size": "1048576"}
    why = await error(server, cell, "steps", "GET", query)
    assert why == "pieces and size make 17825792 bytes, 16777216 are allowed"


async def test_a_parameter_is_given_once(server: Server, cell: str) -> None:
    target = path(cell, "sleep", **GOOD["sleep"]) + "&seconds=1"
    assert await server.ask(target) == (400, {"error": "a query parameter is given twice"})


@pytest.mark.parametrize("verb", ["sleep", "account"])
async def test_the_name_of_a_cell_has_a_bound(server: Server, verb: str) -> None:
    status, answer = await server.ask(path("c" * 201, verb, **GOOD.get(verb, {})))
    assert (status, answer) == (400, {"error": "the name of a cell must have 1 to 200 characters"})


async def test_what_is_refused_is_not_accounted(server: Server, cell: str) -> None:
    await server.ask(path(cell, "sleep", request="r", phase="p", seconds=601))
    assert await server.records(cell) == []


@pytest.mark.parametrize("target", ["/", "/health/", "/cells/c", "/cells/c/nap"])
async def test_an_unknown_path_is_not_found(server: Server, target: str) -> None:
    status, answer = await server.ask(target)
    assert (status, list(answer)) == ((405 if target == "/cells/c" else 404), ["error"])

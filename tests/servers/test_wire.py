"""The faults of HTTP/1.1 are seen on the wire just as they were asked for, and accounted as what they are."""

from __future__ import annotations

import asyncio
import socket
import time
from typing import Any

import h11
import pytest
from support.doors import door, how, through
from support.server_client import PATIENCE, Connection, Server, path

DOORS = pytest.mark.parametrize("name", ["wire", "wire-tls"])
BODY = b"." * 1024


def target(cell: str, fault: str, seconds: float = 0, request: str = "r") -> str:
    return path(cell, "fault", request=request, phase="p", fault=fault, seconds=seconds)


async def seen(client: Connection) -> tuple[bytes, bool]:
    """What the server sent to its end, and whether that was a RST."""
    data = b""
    try:
        while piece := await client.reader.read(65536):
            data += piece
    except ConnectionResetError:
        return data, True
    return data, False


def body_of(data: bytes) -> tuple[int, dict[bytes, bytes], bytes]:
    """Status, headers and body of a response that is not whole."""
    head, _, body = data.partition(b"\r\n\r\n")
    status, *lines = head.split(b"\r\n")
    return int(status.split()[1]), dict(line.split(b": ") for line in lines), body


@DOORS
@pytest.mark.parametrize(
    ("fault", "reset", "half"),
    [
        ("reset-head", True, False),
        ("reset-body", True, True),
        ("close-head", False, False),
        ("close-body", False, True),
    ],
)
async def test_a_connection_that_breaks(
    server: Server, cell: str, name: str, fault: str, reset: bool, half: bool
) -> None:
    async with through(await door(server, name)) as client:
        await client.send(target(cell, fault))
        data, was_reset = await seen(client)
        assert was_reset is reset
        if half:
            status, headers, body = body_of(data)
            assert (status, headers[b"content-length"], body) == (200, b"1024", BODY[:512])
        else:
            assert data == b""
        assert how(await server.until_count(cell, "departed", 1)) == {"r": "fault"}


async def test_a_closed_connection_is_closed_before_the_client_agrees(server: Server, cell: str) -> None:
    """With TLS there are two ends, and a client that overlooks the first has to see the second."""
    entered = await door(server, "wire-tls")
    context = entered.trusting()
    assert context is not None

    def ends() -> int:
        with socket.create_connection((entered.host, entered.port), PATIENCE) as plain:
            with context.wrap_socket(plain, server_hostname=entered.host, do_handshake_on_connect=True) as client:
                client.sendall(f"GET {target(cell, 'close-head')} HTTP/1.1\r\nhost: x\r\n\r\n".encode())
                seen = client.recv(1)
                raw = socket.socket(fileno=client.detach())
            raw.settimeout(PATIENCE)
            with raw:
                return len(seen) + len(raw.recv(1))

    assert await asyncio.to_thread(ends) == 0


@DOORS
async def test_a_response_without_a_length_ends_with_its_connection(server: Server, cell: str, name: str) -> None:
    async with through(await door(server, name)) as client:
        await client.send(target(cell, "no-length"))
        data, reset = await seen(client)
    status, headers, body = body_of(data)
    assert (status, set(headers), body, reset) == (200, {b"content-type"}, BODY, False)
    assert how(await server.records(cell)) == {"r": "sent"}


@DOORS
async def test_a_redirect_leads_nowhere_and_leaves_its_connection(server: Server, cell: str, name: str) -> None:
    async with through(await door(server, name)) as client:
        for n in range(2):
            await client.send(target(cell, "redirect", request=f"r{n}"))
            status, headers = await client.head()
            assert (status, headers["location"]) == (302, "http://[")
            assert await client.reader.readexactly(1024) == BODY
    assert how(await server.records(cell)) == {"r0": "sent", "r1": "sent"}


@DOORS
async def test_half_a_connection_is_closed(server: Server, cell: str, name: str) -> None:
    """The FIN comes after a whole response; a RST would come where the server did not read any more."""
    async with through(await door(server, name)) as client:
        await client.send(target(cell, "half-close"))
        await whole(client)
        if name == "wire":
            assert await client.reader.read() == b""
            for _ in range(5):
                await client.send(target(cell, "half-close", request="late"))
                await asyncio.sleep(0.01)
        assert how(await server.records(cell)) == {"r": "sent"}
        assert len(await server.records(cell, "arrived")) == 1


async def whole(client: Connection) -> None:
    status, headers = await client.head()
    assert (status, headers["content-length"]) == (200, "1024")
    assert await client.reader.readexactly(1024) == BODY


async def test_an_upload_is_answered_before_it_is_read(server: Server, cell: str) -> None:
    """The sender blocks until then, meets an error, and finds the answer after it."""
    entered = await door(server, "wire")

    def answered() -> bytes:
        with socket.create_connection((entered.host, entered.port), PATIENCE) as client:
            asked = f"POST {target(cell, 'early-answer', 0.2)} HTTP/1.1\r\nhost: x\r\ncontent-length: {1 << 30}\r\n\r\n"
            client.sendall(asked.encode())
            with pytest.raises(OSError, match=r"Broken pipe|reset by peer"):
                client.sendall(b"." * (1 << 26))
            return client.recv(65536)

    status, headers, body = body_of(await asyncio.to_thread(answered))
    assert (status, headers[b"connection"], body) == (413, b"close", b"no")
    assert how(await server.records(cell)) == {"r": "sent"}
    arrived, departed = await server.records(cell, "arrived", "departed")
    assert departed["t"] - arrived["t"] >= 0.2e9


@DOORS
async def test_an_idle_connection_is_closed(server: Server, cell: str, name: str) -> None:
    async with through(await door(server, name)) as client:
        await client.send(target(cell, "close-idle", seconds=0.1))
        await whole(client)
        idle = time.monotonic()
        assert await seen(client) == (b"", False)
        assert time.monotonic() - idle > 0.05


async def test_a_connection_in_use_is_not_closed_as_an_idle_one(server: Server, cell: str) -> None:
    async with through(await door(server, "wire")) as client:
        await client.send(target(cell, "close-idle", seconds=0.2))
        await whole(client)
        assert (await client.ask(path(cell, "sleep", request="next", phase="p", seconds=0.4)))[0] == 200
        assert (await client.ask("/health"))[0] == 200


@DOORS
@pytest.mark.parametrize("fault", ["stall-head", "stall-body"])
async def test_a_stall_ends_when_the_client_goes(server: Server, cell: str, name: str, fault: str) -> None:
    async with through(await door(server, name)) as client:
        await client.send(target(cell, fault))
        if fault == "stall-body":
            assert (await client.head())[1]["content-length"] == "1024"
            assert await client.reader.readexactly(512) == BODY[:512]
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(client.reader.read(1), 0.1)
        assert await server.records(cell, "departed") == []
    assert how(await server.until_count(cell, "departed", 1)) == {"r": "disconnected"}


@DOORS
@pytest.mark.parametrize("fault", ["bad-head", "bad-chunk"])
async def test_a_violation_is_one(server: Server, cell: str, name: str, fault: str) -> None:
    parser = h11.Connection(h11.CLIENT)
    parser.send(h11.Request(method="GET", target="/", headers=[("host", "server")]))
    parser.send(h11.EndOfMessage())
    async with through(await door(server, name)) as client:
        await client.send(target(cell, fault))
        with pytest.raises(h11.RemoteProtocolError):  # noqa: PT012 - which event meets it is the parser's choice
            while True:
                while parser.next_event() is h11.NEED_DATA:
                    parser.receive_data(await client.reader.read(65536))
        assert how(await server.records(cell)) == {"r": "fault"}


async def test_a_fault_comes_after_its_hold(server: Server, cell: str) -> None:
    async with through(await door(server, "wire")) as client:
        await client.send(target(cell, "reset-head", seconds=0.2))
        await seen(client)
    arrived, departed = await server.records(cell, "arrived", "departed")
    assert arrived["data"]["asked"] == 0.2
    assert departed["t"] - arrived["t"] >= 0.2e9


@DOORS
@pytest.mark.parametrize("fault", ["stall-head", "stall-body", "bad-head"])
async def test_forgetting_a_cell_cuts_what_it_holds(server: Server, cell: str, name: str, fault: str) -> None:
    async with through(await door(server, name)) as client:
        await client.send(target(cell, fault))
        await server.until_count(cell, "arrived", 1)
        if fault != "stall-head":
            await client.reader.readexactly(10)
        await server.ask(f"/cells/{cell}", "DELETE")
        if fault == "stall-head":
            assert (await client.answer())[0] == 503
        elif fault == "stall-body":
            assert len((await seen(client))[0]) > 500
    assert await server.records(cell) == []


@pytest.mark.parametrize("name", ["plain", "tls"])
async def test_a_real_server_commits_no_faults(server: Server, cell: str, name: str) -> None:
    why = "no fault is committed by this door, but by wire, wire-tls and wire-h2"
    async with through(await door(server, name)) as client:
        assert await client.ask(target(cell, "reset-head")) == (400, {"error": why})


@pytest.mark.parametrize(
    ("query", "why"),
    [
        ({"fault": "goaway", "seconds": 0}, "fault must be one of reset-head, "),
        ({"fault": "bad-head", "seconds": 601}, "seconds must be from 0 to 600, not 601"),
        ({"fault": "bad-head"}, "query parameter 'seconds' is missing"),
        ({"fault": "bad-head", "seconds": 0, "x": 1}, "unknown query parameter 'x'"),
    ],
)
async def test_what_is_refused(server: Server, cell: str, query: dict[str, Any], why: str) -> None:
    async with through(await door(server, "wire")) as client:
        status, answer = await client.ask(path(cell, "fault", request="r", phase="p", **query))
    assert status == 400
    assert answer["error"].startswith(why)
    assert await server.records(cell) == []


async def test_a_client_that_reads_slowly_is_waited_for(server: Server, cell: str) -> None:
    size = 16 * 1024 * 1024
    async with through(await door(server, "wire")) as client:
        await client.send(path(cell, "steps", request="r", phase="p", pieces=16, size=size // 16, release="auto"))
        await server.until_count(cell, "arrived", 1)
        await asyncio.sleep(0.2)
        assert await server.records(cell, "departed") == []
        await client.head()
        assert len(await client.reader.readexactly(size)) == size
        assert (await client.ask("/health"))[0] == 200


async def test_requests_that_come_at_once_are_answered_in_turn(server: Server, cell: str) -> None:
    async with through(await door(server, "wire")) as client:
        for request in ("a", "b"):
            await client.send(path(cell, "sleep", request=request, phase="p", seconds=0))
        assert [(await client.answer())[1] for _ in range(2)] == [{"request": "a"}, {"request": "b"}]


async def test_a_connection_that_does_not_speak_http_is_closed(server: Server) -> None:
    async with through(await door(server, "wire")) as client:
        client.writer.write(b"\x16\x03\x01 hello\r\n\r\n")
        assert await seen(client) == (b"", False)

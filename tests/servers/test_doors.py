"""Doors are opened when they are asked for, once, on loopback, and are gone with the server."""

from __future__ import annotations

import asyncio
import socket
import subprocess
import sys
from pathlib import Path

import psutil
import pytest
from support.doors import Door, door, http2, through
from support.server_client import Server, path

from poolgate.servers.doors.kinds import KINDS, SECURE

SERVING = ["plain", "tls", "h2", "wire", "wire-tls"]


@pytest.mark.parametrize("name", KINDS)
async def test_a_door_is_opened_once(server: Server, name: str) -> None:
    opened = await door(server, name)
    assert (opened.name, opened.host, opened.ca is not None) == (name, "127.0.0.1", name in SECURE)
    assert await door(server, name) == opened
    other = await door(server, f"{name}#31")
    assert (other.name, other.ca) == (f"{name}#31", opened.ca)
    assert other.port != opened.port


async def test_doors_that_are_asked_for_at_once_are_opened_once(server: Server) -> None:
    opened = await asyncio.gather(*(door(server, "wire#7") for _ in range(5)))
    assert len(set(opened)) == 1


async def test_the_plain_door_is_the_one_that_is_open(server: Server) -> None:
    assert await door(server, "plain") == Door("plain", "127.0.0.1", server.port, None)


@pytest.mark.parametrize("name", ["gate", "wire#0", "wire#32", "wire#", "wire#01", "wire #1"])
async def test_an_unknown_door_is_refused(server: Server, name: str) -> None:
    status, answer = await server.ask(f"/doors/{name.replace('#', '%23').replace(' ', '%20')}", "PUT")
    assert status == 400
    assert answer["error"] == f"there is no door {name!r}; there are {', '.join(KINDS)}, and #1 to #31 of each"


async def test_only_a_door_that_counts_streams_takes_their_number(server: Server) -> None:
    assert await server.ask("/doors/tls?streams=3", "PUT") == (
        400,
        {"error": "streams are a matter of wire-h2, not of tls"},
    )
    status, answer = await server.ask("/doors/wire-h2?streams=0", "PUT")
    assert (status, answer["error"]) == (400, "streams must be from 1 to 1000, not 0")


@pytest.mark.parametrize("name", SERVING)
async def test_every_door_writes_into_the_account(server: Server, cell: str, name: str) -> None:
    opened = await door(server, name)
    async with through(opened) as client:
        for request in ("a", "b"):
            answer = await client.ask(path(cell, "sleep", request=request, phase="p", seconds=0))
            assert answer == (200, {"request": request})
        arrived = await server.records(cell, "arrived")
    way = {"client": client.name, "port": opened.port, "http": "1.1"}
    assert [record["data"] for record in arrived] == [
        {"phase": "p", "order": n, "in_flight": 1, "asked": 0.0, **way} for n in (0, 1)
    ]


async def test_a_barrier_counts_what_comes_by_all_doors(server: Server, cell: str) -> None:
    async def come(name: str) -> int:
        target = path(cell, "barrier", request=name, phase="p", want=len(SERVING) + 1, bound=600)
        async with through(await door(server, name)) as client:
            return int((await client.ask(target))[1]["together"])

    async def come_by_http2() -> None:
        async with http2(await door(server, "wire-h2")) as client:
            stream = client.ask(path(cell, "barrier", request="h2", phase="p", want=len(SERVING) + 1, bound=600))
            assert b'"together": 6' in await client.body(stream)

    *together, _ = await asyncio.gather(*map(come, SERVING), come_by_http2())
    assert together == [6] * 5


async def test_a_refused_door_refuses(server: Server) -> None:
    opened = await door(server, "refused")
    with pytest.raises(ConnectionRefusedError):
        await asyncio.open_connection(opened.host, opened.port)


async def test_a_full_door_keeps_connections_waiting(server: Server) -> None:
    opened = await door(server, "full")
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(asyncio.open_connection(opened.host, opened.port), 0.2)


@pytest.mark.parametrize("name", ["silent", "silent-tls"])
async def test_a_silent_door_says_nothing_and_sees_the_client_go(server: Server, name: str) -> None:
    opened = await door(server, name)
    async with through(opened) as client:
        await client.send("/health")
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(client.reader.read(1), 0.2)
        client.writer.write_eof()
        assert await client.reader.read() == b""


async def test_it_ends_with_doors_of_every_kind_in_use(tmp_path: Path) -> None:
    server = Server(tmp_path / "stderr")
    opened = [await door(server, name) for name in KINDS]
    ways = [await asyncio.open_connection(d.host, d.port) for d in opened if d.name not in {"refused", "full"}]
    for d in opened:
        if d.name in SERVING:
            way = await asyncio.open_connection(d.host, d.port, ssl=d.trusting())
            way[1].write(f"GET {path('c', 'sleep', request=d.name, phase='p', seconds=600)} HTTP/1.1\r\n".encode())
            way[1].write(b"host: server\r\n\r\n")
            ways.append(way)
    await server.until_count("c", "arrived", len(SERVING))
    assert psutil.Process(server.process.pid).children() == []
    assert server.end() == (0, "")
    for d in opened:
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection((d.host, d.port))
    for _, writer in ways:
        writer.transport.abort()


async def test_every_door_is_on_loopback(server: Server) -> None:
    for name in KINDS:
        await door(server, name)
    listening = [c for c in psutil.Process(server.process.pid).net_connections() if c.status == psutil.CONN_LISTEN]
    assert len(listening) >= len(KINDS) - 1
    assert {connection.laddr.ip for connection in listening} == {"127.0.0.1"}


def test_what_doors_need_is_not_imported_before() -> None:
    """The server starts as fast as one without doors."""
    asked = "import sys, poolgate.servers.__main__; print([m for m in ('trustme', 'cryptography') if m in sys.modules])"
    ran = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True)
    assert ran.stdout == "[]\n"

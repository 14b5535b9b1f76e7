"""Proxies forward and tunnel to doors of loopback and to nowhere else; failing ones fail as named."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from socksio import socks5
from support.doors import Door, door, how, through
from support.server_client import Connection, Server, path


def nap(cell: str, request: str = "r", seconds: float = 0) -> str:
    return path(cell, "sleep", request=request, phase="p", seconds=seconds)


async def forward(client: Connection, target: Door, what: str) -> None:
    """Send a request in absolute form."""
    await client.send(f"http://{target.host}:{target.port}{what}")


async def tunnel(client: Connection, host: str, port: int) -> int:
    """Ask for a tunnel: the status."""
    await client.send(f"{host}:{port}", "CONNECT")
    return (await client.head())[0]


async def socks(client: Connection, host: str, port: int) -> socks5.SOCKS5ReplyCode:
    """Ask a SOCKS5 proxy for a connection: its answer."""
    way = socks5.SOCKS5Connection()
    way.send(socks5.SOCKS5AuthMethodsRequest([socks5.SOCKS5AuthMethod.NO_AUTH_REQUIRED]))
    client.writer.write(way.data_to_send())
    way.receive_data(await client.reader.readexactly(2))
    way.send(socks5.SOCKS5CommandRequest.from_address(socks5.SOCKS5Command.CONNECT, (host, port)))
    client.writer.write(way.data_to_send())
    answer = way.receive_data(await client.reader.readexactly(10))
    assert isinstance(answer, socks5.SOCKS5Reply)
    return answer.reply_code


@asynccontextmanager
async def tunnelled(server: Server, proxy: str, to: Door) -> AsyncIterator[Connection]:
    """A connection to a door by way of a proxy, with TLS inside where the door speaks it."""
    async with through(await door(server, proxy)) as client:
        if proxy == "proxy":
            assert await tunnel(client, to.host, to.port) == 200
        else:
            assert await socks(client, to.host, to.port) is socks5.SOCKS5ReplyCode.SUCCEEDED
        if context := to.trusting():
            await client.writer.start_tls(context, server_hostname=to.host)
        yield client


async def test_requests_are_forwarded(server: Server, cell: str) -> None:
    """One after another on one connection, to two origins."""
    async with through(await door(server, "proxy")) as client:
        for request, name in [("a", "plain"), ("b", "wire"), ("c", "plain")]:
            await forward(client, await door(server, name), nap(cell, request))
            assert await client.answer() == (200, {"request": request})
    arrived = await server.records(cell, "arrived")
    ports = [(await door(server, name)).port for name in ("plain", "wire", "plain")]
    assert [record["data"]["port"] for record in arrived] == ports


async def test_a_chunked_response_is_forwarded_as_it_comes(server: Server, cell: str) -> None:
    async with through(await door(server, "proxy")) as client:
        query = {"request": "r", "phase": "p", "size": 3, "seconds": 0.05}
        await forward(client, await door(server, "plain"), path(cell, "stream", **query))
        assert (await client.head())[1]["transfer-encoding"] == "chunked"
        assert await client.reader.readexactly(16) == b"3\r\n..\n\r\n3\r\n..\n\r\n"
    assert how(await server.until_count(cell, "departed", 1)) == {"r": "disconnected"}


async def test_a_client_that_leaves_the_proxy_leaves_the_origin(server: Server, cell: str) -> None:
    async with through(await door(server, "proxy")) as client:
        await forward(client, await door(server, "plain"), nap(cell, "r", 600))
        await server.until_count(cell, "arrived", 1)
    assert how(await server.until_count(cell, "departed", 1)) == {"r": "disconnected"}


@pytest.mark.parametrize("proxy", ["proxy", "socks"])
@pytest.mark.parametrize("to", ["plain", "tls", "wire", "wire-tls"])
async def test_a_tunnel_leads_to_every_door(server: Server, cell: str, proxy: str, to: str) -> None:
    async with tunnelled(server, proxy, await door(server, to)) as client:
        for request in ("a", "b"):
            assert await client.ask(nap(cell, request)) == (200, {"request": request})
        await client.send(nap(cell, "c", 600))
        await server.until_count(cell, "arrived", 3)
    departed = await server.until_count(cell, "departed", 3)
    assert how(departed) == {"a": "sent", "b": "sent", "c": "disconnected"}
    assert len({record["data"]["client"] for record in await server.records(cell, "arrived")}) == 1


@pytest.mark.parametrize("proxy", ["proxy", "socks"])
@pytest.mark.parametrize("fault", ["reset-head", "close-head", "close-body"])
async def test_a_fault_comes_through_a_tunnel(server: Server, cell: str, proxy: str, fault: str) -> None:
    async with tunnelled(server, proxy, await door(server, "wire")) as client:
        await client.send(path(cell, "fault", request="r", phase="p", seconds=0, fault=fault))
        try:
            data = await client.reader.read()
        except ConnectionResetError:
            data = b""
        assert data.endswith(b"." * 512 if fault == "close-body" else b"")


@pytest.mark.parametrize("host", ["192.0.2.1", "example.invalid", "0.0.0.0"])
async def test_no_connection_leaves_loopback(server: Server, host: str) -> None:
    async with through(await door(server, "proxy")) as client:
        assert await tunnel(client, host, 80) == 403
        assert await client.reader.read() == f"{host} is not on loopback\n".encode()
    async with through(await door(server, "proxy")) as client:
        await client.send(f"http://{host}/")
        assert (await client.head())[0] == 403
    if host[0].isdigit():
        async with through(await door(server, "socks")) as client:
            assert await socks(client, host, 80) is socks5.SOCKS5ReplyCode.CONNECTION_NOT_ALLOWED_BY_RULESET


async def test_a_name_goes_by_socks_too(server: Server, cell: str) -> None:
    async with through(await door(server, "socks")) as client:
        assert await socks(client, "localhost", server.port) is socks5.SOCKS5ReplyCode.SUCCEEDED
        assert (await client.ask(nap(cell)))[0] == 200


async def test_a_refused_connection_is_reported(server: Server) -> None:
    refused = await door(server, "refused")
    async with through(await door(server, "proxy")) as client:
        assert await tunnel(client, refused.host, refused.port) == 502
    async with through(await door(server, "proxy")) as client:
        await forward(client, refused, "/")
        assert (await client.head())[0] == 502
    async with through(await door(server, "socks")) as client:
        assert await socks(client, refused.host, refused.port) is socks5.SOCKS5ReplyCode.CONNECTION_REFUSED


@pytest.mark.parametrize("target", ["/", "https://127.0.0.1/", "127.0.0.1:many"])
async def test_a_request_that_is_not_for_a_proxy(server: Server, target: str) -> None:
    async with through(await door(server, "proxy")) as client:
        await client.send(target)
        assert (await client.head())[0] == 403


async def test_an_origin_that_breaks_off_is_reported_where_possible(server: Server, cell: str) -> None:
    wire = await door(server, "wire")
    for fault, status in [("close-head", 502), ("close-body", 200)]:
        async with through(await door(server, "proxy")) as client:
            await forward(client, wire, path(cell, "fault", request=fault, phase="p", seconds=0, fault=fault))
            assert (await client.head())[0] == status
            assert len(await client.reader.read()) < 1024


async def test_a_proxy_that_refuses(server: Server) -> None:
    async with through(await door(server, "proxy-refuse")) as client:
        for _ in range(2):
            assert await tunnel(client, "127.0.0.1", server.port) == 403
            assert await client.reader.readline() == b"this proxy opens no tunnel\n"
    refused = await door(server, "refused")
    async with through(await door(server, "socks-refuse")) as client:
        answer = await socks(client, refused.host, refused.port)
        assert answer is socks5.SOCKS5ReplyCode.CONNECTION_NOT_ALLOWED_BY_RULESET


async def test_a_proxy_that_is_silent(server: Server) -> None:
    async with through(await door(server, "proxy-silent")) as client:
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(tunnel(client, "127.0.0.1", server.port), 0.2)
    refused = await door(server, "refused")
    async with through(await door(server, "socks-silent")) as client:
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(socks(client, refused.host, refused.port), 0.2)


@pytest.mark.parametrize("fault", ["refuse", "silent", "garbage"])
async def test_a_proxy_without_tunnels_forwards_all_the_same(server: Server, cell: str, fault: str) -> None:
    async with through(await door(server, f"proxy-{fault}")) as client:
        await forward(client, await door(server, "plain"), nap(cell))
        assert (await client.head())[0] == 200


@pytest.mark.parametrize("fault", ["refuse", "silent"])
async def test_a_socks_proxy_that_fails_connects_to_the_plain_door(server: Server, cell: str, fault: str) -> None:
    async with through(await door(server, f"socks-{fault}")) as client:
        assert await socks(client, "127.0.0.1", server.port) is socks5.SOCKS5ReplyCode.SUCCEEDED
        assert (await client.ask(nap(cell)))[0] == 200


async def test_a_proxy_of_garbage(server: Server) -> None:
    async with through(await door(server, "proxy-garbage")) as client:
        assert await tunnel(client, "127.0.0.1", server.port) == 200
        with pytest.raises(ssl.SSLError):
            await client.writer.start_tls(ssl.create_default_context(), server_hostname="127.0.0.1")


@pytest.mark.parametrize(
    ("sent", "answered"),
    [
        (b"\x04\x01\x00", b""),
        (b"\x05\x01\x02", b"\x05\xff"),
        (b"\x05\x01\x00\x05\x02\x00\x01\x7f\x00\x00\x01\x00\x50", b"\x05\x00\x05\x07\x00\x01" + bytes(6)),
        (b"\x05\x01\x00\x05\x01\x00\x09", b"\x05\x00\x05\x08\x00\x01" + bytes(6)),
        (b"\x05\x01", b""),
    ],
    ids=["not version 5", "no method of ours", "no connect", "no kind of address", "not whole"],
)
async def test_a_socks_client_that_wants_something_else(server: Server, sent: bytes, answered: bytes) -> None:
    async with through(await door(server, "socks")) as client:
        client.writer.write(sent)
        client.writer.write_eof()
        assert await client.reader.read() == answered

"""TLS doors: the client's trust decides, and a failed handshake leaves the server unchanged."""

from __future__ import annotations

import asyncio
import ssl
from pathlib import Path

import pytest
from support.doors import Door, door, through
from support.server_client import Connection, Server, path


async def alpn(entered: Door, *protocols: str) -> str | None:
    """What the server chooses of these."""
    async with through(entered, entered.trusting(*protocols)) as client:
        secure = client.writer.get_extra_info("ssl_object")
        assert isinstance(secure, ssl.SSLObject)
        return secure.selected_alpn_protocol()


@pytest.mark.parametrize("name", ["tls", "h2", "wire-tls"])
@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
async def test_a_client_that_trusts_our_authority_is_served(server: Server, cell: str, name: str, host: str) -> None:
    entered = await door(server, name)
    context = entered.trusting()
    way = await asyncio.open_connection(entered.host, entered.port, ssl=context, server_hostname=host)
    client = Connection(*way)
    assert (await client.ask(path(cell, "sleep", request="r", phase="p", seconds=0)))[0] == 200
    await client.close()


@pytest.mark.parametrize(
    ("name", "why"),
    [("untrusted", "unable to get local issuer certificate|self.signed certificate"), ("misnamed", "not valid for")],
)
async def test_a_client_refuses(server: Server, name: str, why: str) -> None:
    entered = await door(server, name)
    with pytest.raises(ssl.SSLCertVerificationError, match=why):
        await asyncio.open_connection(entered.host, entered.port, ssl=entered.trusting())


async def test_a_misnamed_certificate_is_of_our_authority(server: Server) -> None:
    entered = await door(server, "misnamed")
    context = entered.trusting()
    way = await asyncio.open_connection(entered.host, entered.port, ssl=context, server_hostname="elsewhere.invalid")
    await Connection(*way).close()


@pytest.mark.parametrize("name", ["tls", "wire-tls", "wire-h2"])
async def test_a_client_that_does_not_trust_our_authority_refuses(server: Server, name: str) -> None:
    entered = await door(server, name)
    with pytest.raises(ssl.SSLCertVerificationError):
        await asyncio.open_connection(entered.host, entered.port, ssl=ssl.create_default_context())


@pytest.mark.parametrize(
    ("name", "offered", "chosen"),
    [
        ("tls", ("h2", "http/1.1"), "h2"),
        ("tls", ("http/1.1",), "http/1.1"),
        ("h2", ("h2", "http/1.1"), "h2"),
        ("wire-tls", ("h2", "http/1.1"), "http/1.1"),
        ("wire-h2", ("h2", "http/1.1"), "h2"),
    ],
)
async def test_the_protocol_is_agreed(server: Server, name: str, offered: tuple[str, ...], chosen: str) -> None:
    assert await alpn(await door(server, name), *offered) == chosen


async def test_handshakes_that_fail_are_no_news(tmp_path: Path) -> None:
    """After many of them, in all ways, the server still serves and prints nothing."""
    server = Server(tmp_path / "stderr")
    for name in ("tls", "untrusted", "misnamed", "wire-tls", "wire-h2"):
        entered = await door(server, name)
        for _ in range(3):
            with pytest.raises(ssl.SSLError):
                await asyncio.open_connection(entered.host, entered.port, ssl=ssl.create_default_context())
        reader, writer = await asyncio.open_connection(entered.host, entered.port)
        writer.write(b"GET / HTTP/1.1\r\n\r\n")
        await reader.read()
        writer.close()
        _, writer = await asyncio.open_connection(entered.host, entered.port)
        writer.transport.abort()
    assert (await server.ask("/health"))[0] == 200
    assert server.end() == (0, "")

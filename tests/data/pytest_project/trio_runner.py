"""Tests under pytest-trio, which sets fixtures up and tears them down within the call of the test."""

import httpx
import planted
import pytest
import sdk
import trio

pytestmark = [pytest.mark.trio, pytest.mark.no_pool_leaks]


@pytest.fixture
async def client():
    async with httpx.AsyncClient() as client:
        yield client


async def test_open(client, slow_server, mock_clock):
    await sdk.opened_async(client, slow_server.answers(500, b'{"error":', ends="stall"))


async def test_lost(client, slow_server, monkeypatch):
    planted.plant(monkeypatch)
    assert await sdk.fetched_async(client, slow_server.answers(404)) == 404


async def test_clean(client, slow_server):
    url = slow_server.answers(404, together=3)
    async with trio.open_nursery() as nursery:
        for _ in range(3):
            nursery.start_soon(sdk.fetched_async, client, url)


async def test_mocked():
    async with httpx.AsyncClient(transport=httpx.MockTransport(lambda request: httpx.Response(200))) as client:
        assert await sdk.fetched_async(client, "http://mocked") == 200

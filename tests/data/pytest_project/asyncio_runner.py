"""Tests under pytest-asyncio."""

import asyncio

import httpx
import planted
import pytest
import pytest_asyncio
import sdk

pytestmark = [pytest.mark.asyncio, pytest.mark.no_pool_leaks]


@pytest_asyncio.fixture
async def client():
    async with httpx.AsyncClient() as client:
        yield client


async def test_open(client, slow_server):
    await sdk.opened_async(client, slow_server.answers(500, b'{"error":', ends="stall"))


async def test_lost(client, slow_server, monkeypatch):
    planted.plant(monkeypatch)
    assert await sdk.fetched_async(client, slow_server.answers(404)) == 404


async def test_lost_by_a_cancellation_in_httpcore(client, slow_server):
    """One of these cancellations meets the suspension at which httpcore 1.0.9 loses a slot."""
    url = slow_server.answers(404)
    for turns in range(16):
        task = asyncio.create_task(sdk.fetched_async(client, url))
        for _ in range(turns):
            await asyncio.sleep(0)
        task.cancel()
        await asyncio.wait([task])


async def test_clean(client, slow_server):
    url = slow_server.answers(404, together=3)
    assert await asyncio.gather(*(sdk.fetched_async(client, url) for _ in range(3))) == [404] * 3


async def test_clean_with_a_cancelled_task_that_still_closes(client, slow_server):
    async def consume():
        async with client.stream("GET", url) as response:
            async for _ in response.aiter_bytes():
                pass

    url = slow_server.answers(200, b"x", ends="stall")
    task = asyncio.create_task(consume())
    while not url.arrived:
        await asyncio.sleep(0.01)
    await asyncio.sleep(0.1)
    task.cancel()


async def test_mocked():
    async with httpx.AsyncClient(transport=httpx.MockTransport(lambda request: httpx.Response(200))) as client:
        assert await sdk.fetched_async(client, "http://mocked") == 200

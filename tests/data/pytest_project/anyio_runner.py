"""Tests under the pytest plugin of anyio, on asyncio and trio."""

import anyio
import httpx
import planted
import pytest
import sdk

pytestmark = [pytest.mark.anyio, pytest.mark.no_pool_leaks]


@pytest.fixture(params=["asyncio", "trio"])
def anyio_backend(request):
    return request.param


@pytest.fixture
async def client(anyio_backend):
    async with httpx.AsyncClient() as client:
        yield client


async def test_open(client, slow_server):
    await sdk.opened_async(client, slow_server.answers(500, b'{"error":', ends="stall"))


async def test_lost(client, slow_server, monkeypatch):
    planted.plant(monkeypatch)
    assert await sdk.fetched_async(client, slow_server.answers(404)) == 404


async def test_clean(client, slow_server):
    url = slow_server.answers(404, together=3)
    async with anyio.create_task_group() as group:
        for _ in range(3):
            group.start_soon(sdk.fetched_async, client, url)


async def test_mocked():
    async with httpx.AsyncClient(transport=httpx.MockTransport(lambda request: httpx.Response(200))) as client:
        assert await sdk.fetched_async(client, "http://mocked") == 200

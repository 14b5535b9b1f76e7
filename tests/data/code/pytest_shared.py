#: unknown closing proxy socks
"""Tests with loops of their own share a client of the module."""
import httpx
import pytest

client = httpx.AsyncClient(base_url="https://example.org")


@pytest.mark.asyncio
async def test_root():  #: threads
    assert (await client.get("/")).status_code == 200


@pytest.mark.asyncio
async def test_other():  #: threads
    assert (await client.get("/other")).status_code == 404

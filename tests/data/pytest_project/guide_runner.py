"""The examples of docs/pytest.md."""

import asyncio

import httpx
import pytest
import pytest_asyncio


async def do_something_else():
    await asyncio.sleep(0)


def get_with_retries(client, url):
    while (response := client.get(url)).status_code == 503:
        pass
    return response.text


class Shared:
    """A client that lives longer than the tests that use it."""

    @pytest_asyncio.fixture
    async def client(self):
        async with httpx.AsyncClient() as client:
            yield client


@pytest.mark.asyncio
class TestLeaks(Shared):
    @staticmethod
    @pytest.mark.no_pool_leaks
    async def test_an_error_under_a_stream(slow_server):
        url = slow_server.answers(500, b'{"error":', ends="stall")
        async with httpx.AsyncClient() as client:
            response = await client.send(client.build_request("GET", url), stream=True)
            with pytest.raises(httpx.HTTPStatusError):
                response.raise_for_status()
            await do_something_else()

    @staticmethod
    @pytest.mark.no_pool_leaks
    async def test_an_error_under_a_stream_of_a_shared_client(slow_server, client):
        url = slow_server.answers(500, b'{"error":', ends="stall")
        response = await client.send(client.build_request("GET", url), stream=True)
        with pytest.raises(httpx.HTTPStatusError):
            response.raise_for_status()


@pytest.fixture
def client():
    with httpx.Client() as client:
        yield client


def test_a_stream_answers_500_and_breaks_in_mid_body(slow_server, client):
    url = slow_server.answers(500, b'{"error":', ends="reset")
    with client.stream("POST", url) as response, pytest.raises(httpx.ReadError):
        response.read()


def test_a_retry_after_503(slow_server, client):
    url = slow_server.answers(503, headers={"retry-after": "0"}).then(200, b"ok")
    assert get_with_retries(client, url) == "ok"
    assert [one.request for one in url.arrived] == ["GET /", "GET /"]

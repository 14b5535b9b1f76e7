"""Synchronous tests: on their own, in a class, of unittest; the fixture and the mark."""

import unittest

import httpx
import planted
import pytest
import respx
import sdk

marked = pytest.mark.no_pool_leaks


@pytest.fixture
def client():
    with httpx.Client() as client:
        yield client


@pytest.fixture(scope="session")
def shared():
    """A client that earlier tests use too."""
    with httpx.Client() as client:
        yield client


@pytest.fixture
def stream(client, slow_server):
    """A response that a fixture opens and closes."""
    with client.stream("GET", slow_server.answers(200, b"x", ends="stall")) as response:
        yield response


@marked
def test_open(client, slow_server):
    sdk.opened(client, slow_server.answers(500, b'{"error":', ends="stall"))


def test_open_fixture(no_pool_leaks, client, slow_server):
    sdk.opened(client, slow_server.answers(500, b'{"error":', ends="stall"))


@marked
def test_open_in_a_client_of_its_own(slow_server):
    sdk.opened(httpx.Client(), slow_server.answers(500, b'{"error":', ends="stall"))


@marked
def test_lost(client, slow_server, monkeypatch):
    planted.plant(monkeypatch)
    assert sdk.fetched(client, slow_server.answers(404)) == 404


def test_unmarked_leaves_a_slot_lost_in_a_shared_client(shared, slow_server, monkeypatch):
    planted.plant(monkeypatch)
    sdk.fetched(shared, slow_server.answers())


@marked
def test_clean_after_a_leak_in_a_shared_client(shared, slow_server):
    assert sdk.fetched(shared, slow_server.answers(404)) == 404


@marked
def test_clean(client, slow_server):
    assert sdk.fetched(client, slow_server.answers(503)) == 503


def test_clean_fixture(no_pool_leaks, client, slow_server):
    assert sdk.fetched(client, slow_server.answers(503)) == 503


@marked
def test_clean_that_closes_its_client(slow_server):
    with httpx.Client() as client:
        sdk.opened(client, slow_server.answers(200, b"x", ends="stall"))


@marked
def test_clean_with_a_response_of_a_fixture(stream, client, slow_server):
    assert stream.status_code == 200
    sdk.fetched(client, slow_server.answers())


@marked
def test_fails_by_itself(client, slow_server):
    sdk.opened(client, slow_server.answers(500, b'{"error":', ends="stall"))
    raise ValueError("its own error")


@marked
def test_mocked_by_a_transport():
    transport = httpx.MockTransport(lambda request: httpx.Response(200))
    with httpx.Client(transport=transport) as client:
        assert sdk.fetched(client, "http://mocked") == 200


@marked
@respx.mock
def test_mocked_by_respx(client):
    respx.get("http://mocked/").respond(200)
    assert sdk.fetched(client, "http://mocked/") == 200


def test_mocked_by_pytest_httpx(client, httpx_mock, no_pool_leaks):
    httpx_mock.add_response()
    assert sdk.fetched(client, "http://mocked/") == 200


@marked
class TestInAClass:
    def test_open(self, client, slow_server):
        sdk.opened(client, slow_server.answers(500, b'{"error":', ends="stall"))


@marked
class OfUnittest(unittest.IsolatedAsyncioTestCase):
    @pytest.fixture(autouse=True)
    def _server(self, slow_server):
        self.server = slow_server

    async def asyncSetUp(self):
        self.client = httpx.AsyncClient()
        self.addAsyncCleanup(self.client.aclose)

    async def test_open(self):
        await sdk.opened_async(self.client, self.server.answers(500, b'{"error":', ends="stall"))

    async def test_clean(self):
        assert await sdk.fetched_async(self.client, self.server.answers(404)) == 404

"""What the server of `slow_server` does, as a client sees it."""

import threading
import time

import httpx
import pytest


@pytest.fixture
def client():
    with httpx.Client() as client:
        yield client


def test_answers_in_turn_on_any_path(client, slow_server):
    url = slow_server.answers(503, headers={"retry-after": "0"}).then(200, [b"o", b"k"], headers={"x-n": "2"})
    assert client.post(f"{url}/v1/chat?x=1", content=b"abc").headers["retry-after"] == "0"
    for _ in range(2):
        response = client.get(url)
        assert (response.status_code, response.text, response.headers["x-n"]) == (200, "ok", "2")
    assert [(one.request, one.how) for one in url.arrived] == [("POST /v1/chat", "sent"), *[("GET /", "sent")] * 2]


@pytest.mark.parametrize("ends", ["reset", "close"])
def test_an_error_status_whose_body_breaks(client, slow_server, ends):
    url = slow_server.answers(500, b'{"error":', ends=ends)
    with client.stream("GET", url) as response:
        assert response.status_code == 500
        with pytest.raises((httpx.ReadError, httpx.RemoteProtocolError)):
            response.read()
    assert [one.how for one in url.arrived] == ["fault"]


def test_a_body_that_stalls_and_a_client_that_goes_away(client, slow_server):
    url = slow_server.answers(200, b"half", ends="stall")
    with pytest.raises(httpx.ReadTimeout):
        client.get(url, timeout=0.3)
    deadline = time.monotonic() + 20
    while url.arrived[0].how != "disconnected" and time.monotonic() < deadline:
        time.sleep(0.01)
    assert url.arrived[0].how == "disconnected"


def test_waits(client, slow_server):
    began = time.monotonic()
    client.get(slow_server.answers(200, [b"a", b"b"], seconds=0.1, between=0.1))
    assert time.monotonic() - began >= 0.2


def test_requests_that_are_held_together(client, slow_server):
    url = slow_server.answers(together=2, bound=20)
    threads = [threading.Thread(target=client.get, args=(url,)) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [one.how for one in url.arrived] == ["sent"] * 2


def test_pieces_that_are_released(client, slow_server):
    url = slow_server.answers(200, [b"one", b"two"], steps=True)
    with client.stream("GET", url) as response:
        pieces = response.iter_raw()
        url.release()
        assert next(pieces) == b"one"
        url.release()
        assert next(pieces) == b"two"


def test_tls_and_http2(slow_server):
    with httpx.Client(http2=True, verify=slow_server.ssl_context) as client:
        secure = client.get(slow_server.answers(201, over="tls"))
        second = client.get(slow_server.answers(404, over="h2"))
        assert (secure.status_code, second.status_code, second.http_version) == (201, 404, "HTTP/2")
        url = slow_server.answers(500, b"half", over="h2", ends="reset-stream")
        with client.stream("GET", url) as response, pytest.raises(httpx.RemoteProtocolError):
            response.read()


def test_a_fault_of_the_wire(client, slow_server):
    with pytest.raises(httpx.RemoteProtocolError):
        client.get(slow_server.answers(fault="bad-head"))


def test_a_fault_that_does_not_exist(client, slow_server):
    slow_server.answers(fault="no-such")

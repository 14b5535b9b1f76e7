"""Tests of a suite that is checked as a whole, by its configuration."""

import httpx
import pytest
import sdk


@pytest.fixture
def client():
    with httpx.Client() as client:
        yield client


def test_open(client, slow_server):
    sdk.opened(client, slow_server.answers(500, b'{"error":', ends="stall"))


@pytest.mark.no_pool_leaks(False)
def test_open_and_not_checked(client, slow_server):
    sdk.opened(client, slow_server.answers(500, b'{"error":', ends="stall"))


def test_clean(client, slow_server):
    assert sdk.fetched(client, slow_server.answers(404)) == 404


@pytest.mark.parametrize("number", [1, 2])
def test_without_a_pool(number):
    assert number

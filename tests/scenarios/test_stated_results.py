"""What a release can't do, or what its pool can't say, is a stated result and no trouble of the harness."""

from __future__ import annotations

import json
import socket
from collections.abc import Callable
from typing import Any

from poolgate.scenarios.clients.base import Client
from poolgate.scenarios.worker.main import answers

Poolgate = Callable[..., tuple[int, str, str]]


def measured(poolgate: Poolgate, scenario: str, target: str) -> dict[str, Any]:
    out = poolgate("run", scenario, "--target", target, "--repeats", "1", "--format", "json")[1]
    found: dict[str, Any] = json.loads(out)["cells"][0]
    return found


def test_a_first_request_that_fails_is_unsupported(poolgate: Poolgate) -> None:
    """httpx 0.9.1 raises NotImplementedError where HTTP/2 is asked for."""
    cell = measured(poolgate, "h2-streams", "httpx==0.9.1")
    assert (cell["status"], cell["reason"]) == ("unsupported", "its first request ends in NotImplementedError()")


def test_a_server_that_does_not_answer_is_not_a_fault_of_the_client() -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        host, port = closed.getsockname()
    assert not answers({"host": host, "port": port})


def test_a_pool_that_can_not_describe_itself_is_judged_all_the_same(poolgate: Poolgate) -> None:
    """The `repr` of a connection of httpcore 0.14.5 raises in this situation."""
    cell = measured(poolgate, "socks-fault", "httpcore==0.14.5")
    assert (cell["status"], cell["key"]) == ("fail", "hangs/dead")


def test_a_description_that_raises_says_so() -> None:
    class Broken(Client):
        def view(self) -> str:
            raise AttributeError("_state")

    assert Broken.described(Broken.__new__(Broken)) == "its description raises AttributeError"


def test_a_client_is_left_on_trio_as_it_is_on_asyncio(poolgate: Poolgate) -> None:
    """A loop of its own in a thread, which a task of trio waits for."""
    cell = measured(poolgate, "close-pool[backend=trio,while=leaving]", "httpx2==2.16.2")
    assert (cell["status"], cell["key"]) == ("pass", "completes/serves")

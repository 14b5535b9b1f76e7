"""Each era of each family has its own way to be installed, made and asked: what is known of them holds.

That means that a release which works at all is measured, whatever its client, its limits and its pool timeout are
called; and that of one which does not work it is said why.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from poolgate.protocol.history_store import history_path
from poolgate.targets.parse import parse

pytestmark = pytest.mark.usefixtures("servers_shared")

Poolgate = Callable[..., tuple[int, str, str]]


def measured(poolgate: Poolgate, scenario: str, *targets: str) -> list[dict[str, Any]]:
    words = ("run", scenario, "--repeats", "1", "--format", "json", "--target", *targets)
    found: list[dict[str, Any]] = json.loads(poolgate(*words)[1])["cells"]
    return found


def test_the_limits_and_the_pool_timeout_arrive_whatever_they_are_called(poolgate: Poolgate) -> None:
    """Two limits and a client called `Client`; the timeout among the limits up to 0.9.2, then a timeout of its own.

    A limit that did not arrive would let all be in flight together, a timeout that did not would never be raised.
    """
    eras = ("0.7.1", "0.8.0", "0.9.2", "0.9.3", "0.9.5", "0.10.0", "0.12.1", "0.13.3", "0.17.1", "0.20.0")
    cells = measured(poolgate, "queue-timeout", *(f"httpx=={version}" for version in eras))
    for cell in cells:
        assert cell["burst"] in {"pool-timeout", "back-pressure"}, (cell["target"], cell["reason"])
        assert cell["outcomes"].get("pool-timeout"), (cell["target"], cell["key"], cell["outcomes"])


def test_what_can_not_be_built_says_so_and_its_neighbour_is_measured(poolgate: Poolgate) -> None:
    cells = measured(poolgate, "sequential-reuse", "httpx==0.7.0", "httpx==0.7.1")
    assert [cell["status"] for cell in cells] == ["uninstallable", "pass"]
    assert cells[0]["reason"].startswith("Failed to build")


def test_releases_whose_wheels_are_broken_come_from_their_sdists(poolgate: Poolgate) -> None:
    cells = measured(poolgate, "sequential-reuse", "httpx==0.9.0", "httpx==0.9.1")
    assert [(cell["status"], cell["packages"]["httpx"]) for cell in cells] == [("pass", "0.9.0"), ("pass", "0.9.1")]


def test_a_requirement_that_promises_too_much_is_found_out(poolgate: Poolgate) -> None:
    """httpx 0.25.1 admits any httpcore, and gives its pool an argument that came with 0.17.2."""
    cells = measured(poolgate, "sequential-reuse", "httpx==0.25.1,httpcore==0.17.1", "httpx==0.25.1,httpcore==0.17.2")
    assert [cell["status"] for cell in cells] == ["unsupported", "pass"]
    assert "'socket_options'" in cells[0]["reason"]


@pytest.mark.parametrize(
    ("release", "oldest"),
    [
        ("httpx2==2.0.0", "3.9"),
        ("httpx2==2.1.0", "3.10"),
        ("httpx2==2.14.0", "3.10"),
        ("httpx2==2.15.0", "3.11"),
        ("httpx==0.12.1", "3.6"),
    ],
)
def test_the_oldest_python_is_that_of_the_release(release: str, oldest: str) -> None:
    assert min(parse(release).pythons, key=lambda python: int(python.partition(".")[2])) == oldest


@pytest.mark.parametrize("version", ["0.28.2", "0.30.0", "0.42.1"])
def test_a_module_that_takes_another_name_is_recorded_by_its_own(poolgate: Poolgate, version: str) -> None:
    """Since 0.30.0 importing httpxyz takes the name `httpx` too: the measured client is not httpx."""
    (cell,) = measured(poolgate, "sequential-reuse", f"httpxyz=={version}")
    records = map(json.loads, history_path(f"sequential-reuse@httpxyz=={version}").read_text().splitlines())
    (hello,) = [record["data"] for record in records if record.get("kind") == "hello"]
    assert (cell["status"], hello["client"], hello["client_version"]) == ("pass", "httpxyz", version)
    assert Path(hello["client_file"]).parts[-2:] == ("httpxyz", "__init__.py")
    assert "httpx" not in cell["packages"]


def test_the_pools_of_a_fork_that_share_one_client_are_distinguished(poolgate: Poolgate) -> None:
    """httpxyz takes any newer httpcorexyz, so that only the pool's own line has each of them."""
    old, new = measured(poolgate, "sequential-reuse", "httpcorexyz==1.1.0", "httpcorexyz==1.2.1")
    assert [cell["packages"]["httpcorexyz"] for cell in (old, new)] == ["1.1.0", "1.2.1"]
    assert (old["line"], old["release"], old["status"]) == ("httpcorexyz", "1.1.0", "pass")

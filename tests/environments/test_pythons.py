"""On every Python that this machine has, the newest release for it is measured, and its worker is forked."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from packaging.specifiers import SpecifierSet

from poolgate.catalogue import releases
from poolgate.environments import uv
from poolgate.measurement import fork_server
from poolgate.targets.from_release import PYTHONS

pytestmark = pytest.mark.usefixtures("servers_shared")

Poolgate = Callable[..., tuple[int, str, str]]


def newest(python: str) -> str:
    """The newest httpx that allows a minor version of Python."""
    found = releases.load().releases("httpx")
    return [own.version for own in found if SpecifierSet(own.requires_python or "").contains(f"{python}.99")][-1]


@pytest.fixture
def forks(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The process ids of all workers that were forked."""
    pids: list[int] = []
    fork = fork_server.ForkServer.fork

    def noted(server: fork_server.ForkServer, history: Any) -> fork_server.Forked:
        pids.append((forked := fork(server, history)).pid)
        return forked

    monkeypatch.setattr(fork_server.ForkServer, "fork", noted)
    return pids


@pytest.mark.parametrize("python", PYTHONS)
def test_the_newest_release_for_a_python_is_measured_in_a_fork(
    poolgate: Poolgate, forks: list[int], python: str
) -> None:
    if uv.find(python) is None:
        pytest.skip(f"this machine has no Python {python}")
    spec = f"httpx=={newest(python)}@{python}"
    _, out, err = poolgate("run", "sequential-reuse", "threads-over-limit", "--target", spec, "--format", "json")
    cells = json.loads(out)["cells"]
    assert [cell["status"] for cell in cells] == ["pass", "pass"], err
    assert all(cell["python"].startswith(f"{python}.") for cell in cells)
    assert len(forks) >= 2


def test_a_release_that_a_python_has_outgrown_is_unsupported(poolgate: Poolgate) -> None:
    """httpx up to 0.23.0 imports cgi, which Python 3.13 does not have any more, and does not say so."""
    if uv.find("3.13") is None:
        pytest.skip("this machine has no Python 3.13")
    code, out, _ = poolgate("run", "sequential-reuse", "--target", "httpx==0.23.0@3.13", "--format", "json")
    (cell,) = json.loads(out)["cells"]
    assert (code, cell["status"]) == (0, "unsupported")
    assert cell["reason"].startswith("it can't be imported on Python 3.13")
    assert "cgi" in cell["reason"]

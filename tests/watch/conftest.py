"""Programs that are watched, in the environments of real releases."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from conftest import ROOT
from support.environments import built
from support.server_client import PATIENCE, Server
from support.watch_room import room as made_room

from poolgate.environments.uv import RegistryError

Watched = Callable[..., Any]
PACKAGES = ("openai", "opentelemetry-sdk", "prometheus-client")
"""One environment serves the tests of the exporters and that of a program with an SDK."""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Yield a warm server. Its stderr is not compared: Hypercorn prints there when clients cut a TLS connection."""
    server = Server(tmp_path_factory.mktemp("server") / "stderr")
    yield server
    assert server.end()[0] == 0


@pytest.fixture(scope="module")
def room(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder in which `poolgate` is the watcher alone, without the packages of the harness."""
    return made_room(tmp_path_factory.mktemp("room"))


@pytest.fixture(scope="module")
def with_packages() -> str:
    """Return the interpreter of an environment with an SDK and what the exporters need; skips without a registry."""
    try:
        return built("httpx2==2.16.2", PACKAGES).interpreter
    except RegistryError as error:
        pytest.skip(f"{', '.join(PACKAGES)} can't be looked up: {error}")


@pytest.fixture(scope="module")
def watched(server: Server, room: Path) -> Watched:
    """Return a function that runs a program with the interpreter of a release, and returns what it printed as JSON."""

    def run(interpreter: str, program: str, package: str, situation: str) -> Any:
        url = f"http://127.0.0.1:{server.port}"
        command = [interpreter, "-W", "error", str(ROOT / "tests" / "watch" / program), package, url, situation]
        environment = {**os.environ, "PYTHONPATH": str(room)}
        ran = subprocess.run(
            command, env=environment, capture_output=True, text=True, timeout=2 * PATIENCE, check=False
        )
        assert ran.returncode == 0, ran.stderr
        return json.loads(ran.stdout)

    return run


@pytest.fixture
def watched_pool(watched: Watched) -> Watched:
    """Return a function that runs a situation of `program.py` on a release."""

    def run(spec: str, situation: str) -> Any:
        environment = built(spec)
        return watched(environment.interpreter, "program.py", pool_of(environment.packages), situation)

    return run


def pool_of(packages: dict[str, str]) -> str:
    """Return the package of the pool in an environment."""
    return next(name for name in ("httpcore", "httpcore2", "httpcorexyz") if name in packages)

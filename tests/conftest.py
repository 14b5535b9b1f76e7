"""What the tests share: one server for a module, a cache of environments that lives as long as the checkout."""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import HealthCheck, settings
from support.server_client import Server

from poolgate.cli.main import main
from poolgate.cli.uninstalled import uninstalled
from poolgate.maintenance.schemas import path_of

pytest.register_assert_rewrite("support.judged")

# Set before anything asks: environments are built once for all runs of the tests, and nothing of a user's is touched.
ROOT = Path(__file__).parent.parent
DATA = ROOT / "tests" / "data"
os.environ["POOLGATE_CACHE"] = str(ROOT / ".poolgate" / "test-cache")

# A shell lets what it starts in the background ignore Ctrl-C, and so would every program that a test interrupts.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

# How long an example takes says something about the machine, and nothing about what is tested.
settings.register_profile("untimed", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("untimed")


def pytest_configure() -> None:
    """Refuse to test other sources than those that lie here; raises UsageError with what to do."""
    if difference := uninstalled():
        raise pytest.UsageError(difference)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A warm server; it must end well and must not have complained about anything."""
    server = Server(tmp_path_factory.mktemp("server") / "stderr")
    yield server
    assert server.end() == (0, "")


@pytest.fixture
def cell(request: pytest.FixtureRequest) -> str:
    """A cell that no other test uses."""
    return str(request.node.name)


@pytest.fixture(autouse=True)
def results(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The ledger of one test."""
    root = tmp_path / "results"
    monkeypatch.setenv("POOLGATE_RESULTS", str(root))
    return root


@pytest.fixture(params=["fork", "spawn"])
def start(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """The test holds for both ways in which a worker is started."""
    monkeypatch.setenv("POOLGATE_START", request.param)
    return str(request.param)


def fits(answer: dict[str, Any]) -> None:
    """Hold an answer against its schema, with every field of it asked for and none beside them allowed."""
    name = answer["schema"].removeprefix("poolgate/")
    jsonschema.validate(answer, _closed(json.loads(path_of(name).read_text())))


def _closed(schema: Any) -> Any:
    if isinstance(schema, list):
        return [_closed(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    closed = {name: _closed(part) for name, part in schema.items()}
    if isinstance(schema.get("properties"), dict):
        closed |= {"additionalProperties": False, "required": sorted(schema["properties"])}
    return closed


@pytest.fixture
def poolgate(capsys: pytest.CaptureFixture[str]) -> Callable[..., tuple[int, str, str]]:
    """Run the program in this process: its exit code, what it answered and what it said beside.

    An answer in JSON has to fit its schema.
    """

    def run(*words: str) -> tuple[int, str, str]:
        try:
            code = int(main(list(words)))
        except SystemExit as error:
            code = int(error.code or 0)
        told = capsys.readouterr()
        if told.out.startswith('{\n  "schema": "poolgate/'):
            fits(json.loads(told.out))
        return code, told.out, told.err

    return run

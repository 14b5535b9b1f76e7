"""Fixtures of all tests: one server for each module, and a cache of environments that the checkout keeps."""

from __future__ import annotations

import functools
import gc
import json
import os
import signal
from collections.abc import Callable, Generator, Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import HealthCheck, settings
from support.server_client import Server
from support.shared_servers import shared_servers

from poolgate.cli.main import main
from poolgate.cli.uninstalled import uninstalled
from poolgate.maintenance.schemas import path_of

pytest.register_assert_rewrite("support.judged")

# Set before any test: environments are built once for all runs, and the user's cache is not used.
ROOT = Path(__file__).parent.parent
DATA = ROOT / "tests" / "data"
os.environ["POOLGATE_CACHE"] = str(ROOT / ".poolgate" / "test-cache")

# A process that a shell starts in the background ignores Ctrl-C, and so would every program that a test interrupts.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

# The time of an example depends on the machine, not on the code under test.
settings.register_profile("untimed", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("untimed")


def pytest_configure() -> None:
    """Raise UsageError with what to do if the installed sources are not those of this checkout."""
    if difference := uninstalled():
        raise pytest.UsageError(difference)


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Collect without a garbage collector: the tests live until the end, and no later collection looks at them."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.enable()


LONG = ("test_bisect.py", "test_repro_carried.py", "test_nature.py", "test_repro.py", "test_workarounds.py")
"""Files of tests that take up to a minute each."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Start each parallel process with its share of the long tests, so that none of them is the last one alone."""
    count = int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))
    long = [item for item in items if item.path.name in LONG]
    short = [item for item in items if item.path.name not in LONG]
    size = -(-len(short) // count)
    items[:] = [
        item for share in range(count) for item in (*long[share::count], *short[share * size : (share + 1) * size])
    ]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Yield a warm server; it has to end with exit code 0 and an empty stderr."""
    server = Server(tmp_path_factory.mktemp("server") / "stderr")
    yield server
    assert server.end() == (0, "")


@pytest.fixture(scope="module")
def servers_shared() -> Iterator[None]:
    """Let the runs of a module in this process share servers: those of the program, and loads that are played."""
    with shared_servers():
        yield


@pytest.fixture
def cell(request: pytest.FixtureRequest) -> str:
    """Return a cell name that no other test uses."""
    return str(request.node.name)


@pytest.fixture(autouse=True)
def results(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the folder of this test's own ledger."""
    root = tmp_path / "results"
    monkeypatch.setenv("POOLGATE_RESULTS", str(root))
    return root


@pytest.fixture(params=["fork", "spawn"])
def start(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Run the test with a forked and with a spawned worker; returns "fork" or "spawn"."""
    monkeypatch.setenv("POOLGATE_START", request.param)
    return str(request.param)


def fits(answer: dict[str, Any]) -> None:
    """Validate an answer against its schema: each field that is never absent is required, no others are allowed."""
    error = jsonschema.exceptions.best_match(_validator(answer["schema"]).iter_errors(answer))
    if error is not None:
        raise error


@functools.cache
def _validator(schema: str) -> jsonschema.Draft202012Validator:
    """Return the validator of an answer; to check a schema takes longer than to validate most answers."""
    closed = _closed(json.loads(path_of(schema.removeprefix("poolgate/")).read_text()))
    jsonschema.Draft202012Validator.check_schema(closed)
    return jsonschema.Draft202012Validator(closed)


def _closed(schema: Any) -> Any:
    if isinstance(schema, list):
        return [_closed(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    closed = {name: _closed(part) for name, part in schema.items()}
    if isinstance(schema.get("properties"), dict):
        # A field that may be absent has neither a default nor is it required.
        written = {name for name, field in schema["properties"].items() if "default" in field}
        closed |= {"additionalProperties": False, "required": sorted(written | set(schema.get("required", ())))}
    return closed


@pytest.fixture
def poolgate(capsys: pytest.CaptureFixture[str]) -> Callable[..., tuple[int, str, str]]:
    """Return a function that runs the program in this process, and returns exit code, stdout and stderr.

    It validates an answer in JSON against its schema.
    """

    def run(*words: str) -> tuple[int, str, str]:
        try:
            code = int(main(list(words)))
        except SystemExit as error:
            code = int(error.code or 0)
        printed = capsys.readouterr()
        if printed.out.startswith('{\n  "schema": "poolgate/'):
            fits(json.loads(printed.out))
        return code, printed.out, printed.err

    return run

"""The user's own client over aiohttp: its pool is a connector, and httpcore has no part in what is measured."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import re
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest
from conftest import DATA, ROOT
from support.environments import PLANTED, built

from poolgate.environments.uv import RegistryError, run_uv
from poolgate.measurement.own_client import ledger_packages, own_client
from poolgate.processes import Processes
from poolgate.scenarios.clients.user_made import Made
from poolgate.scenarios.questions import factory as question

pytestmark = pytest.mark.usefixtures("servers_shared")

Poolgate = Callable[..., tuple[int, str, str]]
OWN = DATA / "own"
PACKAGES = ("httpx==0.28.1", "httpcore==1.0.9", "httpx-aiohttp==0.2.0", "aiohttp==3.14.5")
OVER = "httpx 0.28.1 over aiohttp 3.14.5"


@pytest.fixture(autouse=True)
def project(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(OWN)


@pytest.fixture(scope="module")
def target() -> str:
    """Return an environment with httpx-aiohttp, built once; skips if the registry is away."""
    place = ROOT / ".poolgate" / "test-cache" / "httpx-aiohttp-0.2.0"
    if not place.exists():
        _build(place)
    return f"python:{place}"


def _build(place: Path) -> None:
    folder = place.with_suffix(f".{os.getpid()}")
    try:
        run_uv(Processes(), "venv", "--quiet", "--relocatable", "--clear", str(folder))
        run_uv(Processes(), "pip", "install", "--quiet", "--python", str(folder), *PACKAGES)
    except RegistryError as error:
        pytest.skip(f"{', '.join(PACKAGES)} can't be looked up: {error}")
    # Another process may have built the same.
    with contextlib.suppress(OSError):
        folder.rename(place)
    shutil.rmtree(folder, ignore_errors=True)


def cells(answer: str) -> dict[str, dict[str, Any]]:
    return {cell["scenario"]: cell for cell in json.loads(answer)["cells"]}


def test_the_core_scenarios_are_measured_on_a_connector(poolgate: Poolgate, target: str, results: Path) -> None:
    """What passes is named by its transport; nothing of it is stored, and no stored verdict is asked for."""
    words = ("run", "core", "--target", target, "--client", "aiohttp_client:as_it_comes", "--repeats", "1")
    code, out, err = poolgate(*words, "--format", "json")
    assert code == 0, err
    found = cells(out)
    assert {name: cell["key"] for name, cell in found.items()} == {
        "cancel-task-group": "completes/serves",
        "error-answers": "completes/serves",
        "gather-over-limit": "completes/serves",
        "queue-timeout": "back-pressure/serves/ConnectTimeout",
        "sequential-reuse": "completes/serves",
        "threads-over-limit": None,
    }
    assert {cell["over"] for cell in found.values()} == {OVER}
    assert found["queue-timeout"]["notes"][-2:] == [
        "a wait for a slot ends in ConnectTimeout, not in PoolTimeout",
        f"through aiohttp_client:as_it_comes, which is {OVER} with a limit of 3, lowered from 100",
    ]
    assert found["threads-over-limit"]["status"] == "unsupported"
    assert not any(cell["cached"] for cell in found.values())
    assert not list(results.rglob("*.json"))


def test_requests_that_are_cancelled_are_measured_on_a_connector(poolgate: Poolgate, target: str) -> None:
    asked = ("cancel-reading", "cancel-contention[keepalive=on]", "cancel-contention")
    words = ("run", *asked, "--target", target, "--client", "aiohttp_client:as_it_comes", "--repeats", "1")
    code, out, err = poolgate(*words, "--format", "json")
    assert code == 0, err
    found = [(cell["status"], cell["key"], cell["reason"]) for cell in json.loads(out)["cells"]]
    assert found == [
        ("pass", "completes/serves", None),
        ("pass", "completes/serves", None),
        ("unsupported", None, "cancel-contention makes its own client, with limits of its own"),
    ], err


def test_no_stored_verdict_is_about_such_a_client(target: str) -> None:
    environment = built(target)
    assert {"httpx", "httpcore", "aiohttp"} <= ledger_packages(None, environment).keys()
    names = ledger_packages(own_client("aiohttp_client:as_it_comes"), environment).keys()
    assert not names & {"httpx", "httpcore"}
    assert "aiohttp" in names


@pytest.mark.parametrize(
    ("factory", "limited"),
    [
        ("as_given", "a limit of 3"),
        ("sdk", "a limit of 3, lowered from 1000"),
        ("session", "a limit of 5"),
        ("later", "a limit of 3, lowered from 100"),
    ],
)
def test_a_session_is_found_wherever_it_is_made(poolgate: Poolgate, target: str, factory: str, limited: str) -> None:
    words = ("run", "gather-over-limit", "--target", target, "--client", f"aiohttp_client:{factory}", "--repeats", "1")
    code, out, err = poolgate(*words, "--format", "json")
    assert code == 0, err
    cell = cells(out)["gather-over-limit"]
    assert (cell["status"], cell["after"]) == ("pass", "serves"), err
    assert cell["notes"][-1] == f"through aiohttp_client:{factory}, which is {OVER} with {limited}"


@pytest.mark.parametrize(
    ("factory", "scenario", "key"),
    [
        ("leaky", "gather-over-limit", "completes/leaks"),
        ("sleeper", "gather-over-limit", "pool-timeout/serves/ConnectTimeout"),
    ],
)
def test_a_bad_connector_is_caught(poolgate: Poolgate, target: str, factory: str, scenario: str, key: str) -> None:
    words = ("run", scenario, "--target", target, "--client", f"aiohttp_client:{factory}", "--repeats", "1")
    code, out, err = poolgate(*words, "--format", "json", "--fail-on", "fail")
    cell = cells(out)[scenario]
    assert (code, cell["status"], cell["key"]) == (1, "fail", key), err


def test_what_does_not_suit_such_a_client_is_unsupported_in_one_line(poolgate: Poolgate, target: str) -> None:
    asked = ("sequential-reuse", "gather-over-limit[backend=trio]", "h2-cancel", "socks-fault", "cancel-sweep")
    words = ("run", *asked, "--target", target, "--client", "aiohttp_client:as_it_comes", "--repeats", "1")
    code, out, err = poolgate(*words)
    assert code == 0, err
    grid, *lines = [line for line in out.splitlines() if "@" in line or line.startswith("| python")]
    assert grid.startswith(f"| {target} ({OVER}) ")
    assert [line.partition(": ")[2].partition("; again")[0] for line in lines] == [
        "aiohttp_client:as_it_comes makes a client over aiohttp, which runs on asyncio only",
        "h2-cancel makes its own client, with HTTP/2",
        "socks-fault makes its own client, with a proxy",
        "cancel-sweep makes its own client, whose suspensions it counts",
    ]


@pytest.mark.parametrize(
    ("factory", "text"),
    [
        ("unlimited", "its pool has no limit, so nothing can exhaust it"),
        ("shared", "gives two clients one connector; it has to make a new one each time"),
        ("broken", "AiohttpTransport makes no session: TCPConnector.__init__() got an unexpected keyword argument"),
    ],
)
def test_a_connector_that_can_not_be_used_is_reported_in_one_line(
    poolgate: Poolgate, target: str, factory: str, text: str
) -> None:
    code, out, err = poolgate("run", "core", "--target", target, "--client", f"aiohttp_client:{factory}")
    assert (code, out, len(err.splitlines())) == (2, "", 1), err
    assert text in err


def test_a_release_without_the_transport_is_helped(poolgate: Poolgate) -> None:
    words = ("run", "core", "--target", "httpx==0.28.1", "--client", "aiohttp_client:as_it_comes")
    code, _, err = poolgate(*words)
    assert (code, len(err.splitlines())) == (2, 1), err
    assert "install aiohttp with httpx, and name that environment as python:PATH" in err


class Connector:
    def __init__(self, limit: int, per_host: int = 0) -> None:
        self._limit, self._limit_per_host = limit, per_host


class Session:
    def __init__(self, connector: Connector) -> None:
        self.connector = self._connector = connector


@pytest.fixture
def aiohttp(monkeypatch: pytest.MonkeyPatch) -> None:
    """Replace the library, which is not installed with poolgate."""
    module = ModuleType("aiohttp")
    vars(module).update(BaseConnector=Connector, ClientSession=Session)
    monkeypatch.setitem(sys.modules, "aiohttp", module)


class Transport:
    """The interface of httpx-aiohttp: a session, a function that makes one, or nothing yet."""

    def __init__(self, client: Any = None) -> None:
        self.client = client

    async def handle_async_request(self, request: Any) -> None: ...


class Lazy(Transport):
    def get_client(self) -> Session:
        return Session(Connector(100))


@pytest.mark.usefixtures("aiohttp")
@pytest.mark.parametrize(
    ("transport", "before", "after"),
    [
        (Transport(Session(Connector(0, 5))), 5, 5),
        (Transport(lambda: Session(Connector(100))), 100, 3),
        (Lazy(), 100, 3),
        (SimpleNamespace(_transport=Lazy()), 100, 3),
        (Transport(Session(Connector(100, 4))), 4, 4),
        (Transport(Session(Connector(100, 50))), 50, 3),
    ],
)
def test_a_connector_is_found_and_lowered(transport: Any, before: int, after: int) -> None:
    client = SimpleNamespace(URL=str)
    made = SimpleNamespace(_transport=transport)
    pool = question.pool_of(client, made)
    assert question.is_connector(pool)
    assert question.pool_of(client, made) is pool, "the session of a transport is made once"
    assert question.limit_of(pool) == before
    assert question.lower(pool) == (None if before == after else before)
    assert question.limit_of(pool) == after


@pytest.mark.usefixtures("aiohttp")
def test_a_pool_of_httpcore_differs_from_a_connector() -> None:
    pool = SimpleNamespace(_max_connections=5)
    assert not question.is_connector(pool)
    assert question.limit_of(pool) == 5


_CONNECTOR = """
def connect(below):
    below()

def _wait_for_available_connection():
    raise TimeoutError

def _create_connection():
    raise TimeoutError

def _refuse():
    raise OSError
"""


@pytest.fixture
def connector() -> dict[str, Any]:
    """Return functions with the names and the module of aiohttp's connector."""
    functions: dict[str, Any] = {"__name__": "aiohttp.connector", "TimeoutError": asyncio.TimeoutError}
    exec(_CONNECTOR, functions)
    return functions


@pytest.mark.parametrize(
    ("below", "waited"), [("_wait_for_available_connection", True), ("_create_connection", False), ("_refuse", False)]
)
def test_a_wait_for_a_slot_differs_from_a_connect(connector: dict[str, Any], below: str, waited: bool) -> None:
    """Both are the same class; only the frames differ."""
    httpx = SimpleNamespace(PoolTimeout=type("PoolTimeout", (Exception,), {}))
    client = Made(httpx, False, ("app:make", "/"))
    with pytest.raises(RuntimeError) as raised:
        _transported(connector, below)
    assert client.is_pool_timeout(raised.value) is waited
    assert client.is_pool_timeout(httpx.PoolTimeout())
    assert not client.is_pool_timeout(TimeoutError())


def _transported(connector: dict[str, Any], below: str) -> None:
    """Raise what a transport raises for an error of the connector."""
    try:
        connector["connect"](connector[below])
    except Exception as cause:
        raise RuntimeError("what a transport raises") from cause


def _changed(target: str, place: Path, package: str, version: str) -> str:
    """Return a copy of an environment that has another version of a package, as far as its metadata say."""
    shutil.copytree(target.removeprefix("python:"), place, symlinks=True)
    (metadata,) = place.glob(f"lib/python3*/site-packages/{package}-*.dist-info/METADATA")
    text = metadata.read_text()
    metadata.write_text(re.sub("^Version: .*$", f"Version: {version}", text, count=1, flags=re.MULTILINE))
    return f"python:{place}"


def test_a_gate_is_about_the_connector(poolgate: Poolgate, target: str, tmp_path: Path) -> None:
    """Only aiohttp differs, which no pool of httpcore is affected by, and its connector loses a slot."""
    head = _changed(target, tmp_path / "head", "aiohttp", "3.14.6")
    (site_packages,) = (tmp_path / "head").glob("lib/python3*/site-packages")
    shutil.copy(PLANTED / "forgets_in_aiohttp.py", site_packages / "planted_forgets.py")
    (site_packages / "planted.pth").write_text("import planted_forgets\n")
    words = ("gate", "gather-over-limit", "h2-streams", "--client", "aiohttp_client:as_it_comes", "--repeats", "1")
    code, out, err = poolgate(*words, "--base", target, "--head", head, "--min-fix")
    assert code == 1, err
    text = " ".join(out.split())
    assert text.startswith(
        "worse: httpx 0.28.1 with aiohttp 3.14.6 loses slots (0 from evidence, 1 measured, 1 not exercised)"
    )
    for part in (
        f"compared: {target} with {head}, through aiohttp_client:as_it_comes",
        "httpx 0.28.1 with aiohttp 3.14.5 becomes httpx 0.28.1 with aiohttp 3.14.6: 1 worse, 1 not exercised",
        "not exercised: 1 (h2-streams): h2-streams makes its own client, with HTTP/2",
        "note: no smallest fix: --min-fix tries releases of httpcore, and aiohttp has the pool",
    ):
        assert part in text


def test_a_gate_does_not_ask_about_httpcore(poolgate: Poolgate, target: str, tmp_path: Path) -> None:
    """This change of httpcore is a regression, and the client does not use httpcore."""
    head = _changed(target, tmp_path / "head", "httpcore", "1.0.2")
    words = ("gate", "--client", "aiohttp_client:as_it_comes", "--base", target, "--head", head)
    code, out, err = poolgate(*words)
    assert (code, out.splitlines()[0]) == (0, "no worse: no package that matters to the pool has changed"), err

"""What pytest loads: options, fixtures and hooks. Each imports the rest of poolgate when it is used."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from .slow_server import RunningServer, SlowServer

NAME = "no_pool_leaks"
UNCHECKED = ("poolgate", "no pool was used")
"""The property of a test in a checked suite whose pools could not be checked."""

_suite = pytest.StashKey[Any]()
_check = pytest.StashKey[Any]()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add `--poolgate` with its options, and the line of configuration for a whole suite."""
    group = parser.getgroup("poolgate", "connection pools of HTTP clients")
    group.addoption("--poolgate", action="store_true", help="run scenarios as tests, on the client of this environment")
    group.addoption(
        "--poolgate-scenario",
        action="append",
        default=[],
        metavar="SCENARIO",
        help="a scenario as `poolgate run` takes it, repeatable; default: core",
    )
    group.addoption(
        "--poolgate-client", metavar="FACTORY", help="your own client, as module:factory or file.py:factory"
    )
    parser.addini(NAME, "each test fails that leaves a slot lost or a response open", type="bool", default=False)


def pytest_configure(config: pytest.Config) -> None:
    """Describe the mark."""
    config.addinivalue_line(
        "markers",
        f"{NAME}: the test fails if it leaves a slot lost or a response open; {NAME}(False): it is not checked",
    )


@pytest.fixture
def no_pool_leaks() -> None:
    """Check the connection pools that the test uses: it fails if it leaves a slot lost or a response open."""


@pytest.fixture(scope="session")
def _poolgate_server() -> Iterator[RunningServer]:
    from .slow_server import running_server

    with running_server() as server:
        yield server


@pytest.fixture
def slow_server(_poolgate_server: RunningServer, request: pytest.FixtureRequest) -> Iterator[SlowServer]:
    """Yield a server in a process of its own, whose answers wait, break or fail as the test asks."""
    with _poolgate_server.of_test(request.node.nodeid) as server:
        yield server


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(session: pytest.Session, config: pytest.Config, items: list[pytest.Item]) -> None:
    """Add the scenarios of `--poolgate` to the tests, so that -k and -m select among them too."""
    if config.getoption("--poolgate"):
        from .scenarios import scenario_items

        items += scenario_items(session)


def pytest_collection_finish(session: pytest.Session) -> None:
    """Watch the pools of this process before the first fixture makes one, if a test is to be checked."""
    if any(map(_asked, session.items)):
        from .leaks import Suite

        session.config.stash[_suite] = Suite()


def pytest_unconfigure(config: pytest.Config) -> None:
    """Restore what is watched."""
    if _suite in config.stash:
        config.stash[_suite].end()


def _asked(item: pytest.Item) -> str | None:
    """Return what asks for a check of a test: its own "test", the configuration of the "suite", or None."""
    if not isinstance(item, pytest.Function):
        return None
    mark = item.get_closest_marker(NAME)
    if NAME in item.fixturenames or (mark is not None and mark.args != (False,)):
        return "test"
    return "suite" if mark is None and item.config.getini(NAME) else None


@pytest.hookimpl(tryfirst=True, hookwrapper=True)
def pytest_runtest_setup(item: pytest.Item) -> Generator[None, Any, None]:
    """Note what earlier tests have left, before the first fixture of this test."""
    if _suite in item.config.stash and (asked := _asked(item)):
        file, line, _ = item.location
        item.stash[_check] = item.config.stash[_suite].check(f"{file}:{(line or 0) + 1}", strict=asked == "test")
    yield


@pytest.hookimpl(tryfirst=True, hookwrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, Any, None]:
    """Check the pools at the end of the test function: before teardown, which may close what the test left open."""
    check = item.stash.get(_check, None)
    if check is None or not isinstance(item, pytest.Function):
        yield
        return
    with check.within(item):
        outcome = yield
    if outcome.excinfo is None:
        if check.unused and not check.strict:
            item.user_properties.append(UNCHECKED)
        if (error := check.error()) is not None:
            outcome.force_exception(error)


@pytest.hookimpl(trylast=True)
def pytest_runtest_teardown(item: pytest.Item) -> None:
    """Release the pools of the test."""
    if _check in item.stash:
        item.stash[_check].end()
        del item.stash[_check]


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Report how many tests of a checked suite passed without a check."""
    passed = [report for report in terminalreporter.stats.get("passed", ()) if UNCHECKED in _properties(report)]
    if passed:
        count = f"{len(passed)} test{'s' if len(passed) != 1 else ''}"
        terminalreporter.write_line(f"{NAME}: no pool was used in {count} that passed: nothing was checked there")


def _properties(report: pytest.TestReport) -> list[tuple[str, object]]:
    return [(name, value) for name, value in report.user_properties] if report.when == "call" else []

"""A project of its own, with poolgate installed from the wheel, and pytest runs in it."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import junitparser
import pytest
from conftest import DATA
from support.server_client import PATIENCE
from support.wheel import built_wheel, installed

PROJECT = DATA / "pytest_project"
RUNNERS = ("pytest", "pytest-asyncio", "pytest-trio", "pytest-xdist", "anyio", "trio")
CLIENTS = ("httpx[http2]==0.28.1", "httpcore==1.0.9", "respx", "pytest-httpx")
CONFIGURATION = """
[pytest]
python_files = *_runner.py
asyncio_default_fixture_loop_scope = function
"""


MODULES = ("sync_runner", "asyncio_runner", "anyio_runner", "trio_runner")
"""The tests with leaks and without, by what runs them."""


@dataclass(frozen=True)
class Run:
    """A run of pytest in the project: exit code, output, and outcome and message of each test by its name."""

    code: int
    output: str
    outcomes: dict[str, tuple[str, str]]

    def named(self, outcome: str) -> set[str]:
        """Return the names of the tests with an outcome."""
        return {name for name, (one, _) in self.outcomes.items() if one == outcome}


Ran = Callable[..., Run]


@pytest.fixture(scope="package")
def project(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Return the folder of the project and the interpreter of its environment."""
    folder = tmp_path_factory.mktemp("project")
    python = installed(folder / "venv", f"poolgate[measure] @ {built_wheel().as_uri()}", *RUNNERS, *CLIENTS)
    shutil.copytree(PROJECT, folder / "tests")
    (folder / "tests" / "pytest.ini").write_text(CONFIGURATION)
    return folder / "tests", python


@pytest.fixture(scope="package")
def ran(project: tuple[Path, Path]) -> Ran:
    """Return a function that runs pytest in the project with some words."""
    folder, python = project

    def run(*words: str) -> Run:
        report = folder / "report.xml"
        report.unlink(missing_ok=True)
        command = [str(python), "-m", "pytest", "-p", "no:cacheprovider", f"--junitxml={report}", *words]
        ended = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=4 * PATIENCE, check=False)
        return Run(ended.returncode, ended.stdout + ended.stderr, outcomes_in(report) if report.exists() else {})

    return run


@pytest.fixture(scope="package")
def plain(ran: Ran) -> Run:
    """Run the tests of all runners, and those of the server and of the guide, in one process."""
    return ran(*(f"{module}.py" for module in (*MODULES, "server_runner", "guide_runner")))


def outcomes_in(report: Path) -> dict[str, tuple[str, str]]:
    """Return outcome and message by `module.test`."""
    cases = [case for suite in junitparser.JUnitXml.fromfile(str(report)) for case in suite]
    return {f"{case.classname}.{case.name}": _outcome(case) for case in cases}


def _outcome(case: junitparser.TestCase) -> tuple[str, str]:
    for result in case.result:
        words = {"failure": "failed", "skipped": "skipped", "error": "error"}
        return words[str(result._tag)], f"{result.message}\n{result.text}"
    return "passed", ""


def line_of(file: str, comment: str, nth: int = 0) -> str:
    """Return `file:line` of the nth line of a file of the project with a comment."""
    lines = (PROJECT / file).read_text().splitlines()
    found = [number for number, line in enumerate(lines, 1) if re.search(rf"# {comment}$", line)]
    return f"{file}:{found[nth]}"

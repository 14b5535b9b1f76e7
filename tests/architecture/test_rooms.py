"""Harness, scenarios, servers and the watcher stay apart: what each may import, and which Python each has to run on."""

from __future__ import annotations

import ast
import pkgutil
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from conftest import ROOT

import poolgate

CLIENTS = {"httpx", "httpcore", "httpx2", "httpcore2", "httpxyz", "httpcorexyz"}
EXPORTERS = {"opentelemetry", "prometheus_client"}
"""What the exporters of the watcher publish through, each imported by its own module only."""
SERVER_LIBRARIES = {"hypercorn", "starlette", "h11", "h2", "hyperframe", "trustme"}
"""Servers, the protocols of our own listeners, and certificates."""


def sources(room: str) -> list[Path]:
    found = sorted((ROOT / room).rglob("*.py"))
    assert found
    return found


def imported(file: Path) -> Iterator[tuple[int, str]]:
    """Yield (level, module) of every import of a file, also within functions; level 0 is absolute."""
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Import):
            yield from ((0, name.name) for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.level, node.module or ""


def tops(room: str) -> set[str]:
    """Return the top-level modules that a room imports absolutely."""
    return tops_of(sources(room))


def tops_of(files: list[Path]) -> set[str]:
    return {module.partition(".")[0] for file in files for level, module in imported(file) if level == 0}


def test_the_scenarios_import_the_standard_library_alone() -> None:
    """The plan names the client; the environment under test needs no other package."""
    assert tops("scenarios") <= sys.stdlib_module_names


def test_the_servers_import_what_servers_need_and_no_client() -> None:
    assert tops("servers") <= sys.stdlib_module_names | SERVER_LIBRARIES


def test_the_watcher_imports_the_standard_library_alone() -> None:
    """It runs in the user's program, whose clients it finds among the imported modules."""
    files = [file for file in sources("watch") if file.parent.name != "exporters"]
    assert tops_of(files) <= sys.stdlib_module_names
    assert not [file for file in files for _, module in imported(file) if "exporters" in module]


def test_each_exporter_imports_the_standard_library_and_what_it_publishes_through() -> None:
    for file in sources("watch/exporters"):
        assert tops_of([file]) - sys.stdlib_module_names <= EXPORTERS & {file.stem, f"{file.stem}_client"}


def test_the_harness_never_imports_a_client() -> None:
    assert not tops("harness") & CLIENTS


@pytest.mark.parametrize("room", ["scenarios", "servers", "watch"])
def test_no_import_leaves_its_room(room: str) -> None:
    """Relative imports stay within the folder: scenarios and servers never see the harness."""
    for file in sources(room):
        depth = len(file.relative_to(ROOT / room).parents)
        assert all(level <= depth for level, _ in imported(file)), file


def test_the_harness_takes_only_declarations_and_the_protocol_from_the_scenarios() -> None:
    """Bodies and adapters run in the worker; the harness reads declarations, and the time limits of a worker."""
    taken = {
        module.partition("scenarios")[2]
        for file in sources("harness")
        for level, module in imported(file)
        if level and "scenarios" in module
    }
    assert taken <= {"", ".declaration", ".declaration.scenario", ".declaration.shapes", ".questions", ".worker"}


@pytest.mark.parametrize(("room", "oldest"), [("scenarios", "3.6"), ("watch", "3.8")])
def test_a_room_stays_within_its_oldest_python(room: str, oldest: str) -> None:
    vermin = [
        str(Path(sys.executable).with_name("vermin")),
        "--quiet",
        "--no-tips",
        "--violations",
        f"--target={oldest}-",
        room,
    ]
    checked = subprocess.run(vermin, cwd=ROOT, capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stdout


def test_every_folder_with_modules_is_a_package_that_is_installed() -> None:
    """A wheel has every package that the build finds below the rooms; no list is kept by hand."""
    rooms = {
        "harness": "poolgate",
        **{room: f"poolgate.{room}" for room in ("scenarios", "servers", "results", "watch")},
    }
    folders = {(file.parent.relative_to(ROOT / room), name) for room, name in rooms.items() for file in sources(room)}
    named = {".".join([name, *folder.parts]) for folder, name in folders}
    installed = pkgutil.walk_packages(poolgate.__path__, "poolgate.")
    assert named == {"poolgate", *(module.name for module in installed if module.ispkg)}


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """Return a copy of the package in which a test can plant an import."""
    source = tmp_path / "poolgate"
    ignored = shutil.ignore_patterns("__pycache__", "*.json", "*.md")
    shutil.copytree(ROOT / "harness", source, ignore=ignored)
    for room in ("scenarios", "servers", "results", "watch"):
        shutil.copytree(ROOT / room, source / room, ignore=ignored)
    return source


@pytest.mark.parametrize(
    ("module", "line", "broken"),
    [
        ("verdict/rate.py", "from ..ledger import stack", "Each package imports those below it"),
        ("verdict/rate.py", "from ..environments import build", "Each package imports those below it"),
        ("verdict/rate.py", "from .judge import judge", "No modules or packages import each other in a circle"),
        ("verdict/rate.py", "import subprocess", "The verdict is pure"),
        ("answers/gate/answer.py", "from ..bisect import search", "A question does not know another question"),
        ("scenarios/worker/recorder.py", "from ...errors import Exit", "Scenarios and servers do not know the harness"),
        ("watch/look.py", "from ..errors import Exit", "The watcher does not know the harness"),
        ("utils.py", "", "Each package imports those below it"),
    ],
)
def test_an_import_that_breaks_a_contract_is_refused(tree: Path, module: str, line: str, broken: str) -> None:
    planted = tree / module
    before = planted.read_text() if planted.exists() else ""
    head, future, rest = before.partition("from __future__ import annotations\n")
    planted.write_text(f"{head}{future}{line}\n{rest}" if future else f"{line}\n{before}")
    report = linted(tree.parent)
    assert report.returncode == 1, report.stdout
    assert f"{broken} BROKEN" in report.stdout


def test_the_copy_breaks_no_contract(tree: Path) -> None:
    report = linted(tree.parent)
    assert report.returncode == 0, report.stdout


def linted(folder: Path) -> subprocess.CompletedProcess[str]:
    """Run `lint-imports` on the package in a folder, with the contracts of our `pyproject.toml`."""
    command = [str(Path(sys.executable).with_name("lint-imports")), str(ROOT / "pyproject.toml"), "--no-cache"]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)

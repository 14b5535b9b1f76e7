"""Three rooms stay three rooms: who may import what, and which Python each has to run on."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from conftest import ROOT

CLIENTS = {"httpx", "httpcore", "httpx2", "httpcore2", "httpxyz", "httpcorexyz"}
SERVER_LIBRARIES = {"hypercorn", "starlette", "h11", "h2", "hyperframe", "trustme"}
"""Servers, the protocols that our own doors speak, and certificates."""


def sources(room: str) -> list[Path]:
    found = sorted((ROOT / room).rglob("*.py"))
    assert found
    return found


def imported(file: Path) -> Iterator[tuple[int, str]]:
    """(level, module) of every import of a file, wherever it stands; level 0 is absolute."""
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Import):
            yield from ((0, name.name) for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.level, node.module or ""


def tops(room: str) -> set[str]:
    """The top-level modules that a room imports absolutely."""
    return {module.partition(".")[0] for file in sources(room) for level, module in imported(file) if level == 0}


def test_the_scenarios_import_the_standard_library_alone() -> None:
    """The client comes by name from the plan; nothing else may be asked of the environment under test."""
    assert tops("scenarios") <= sys.stdlib_module_names


def test_the_servers_import_what_servers_need_and_no_client() -> None:
    assert tops("servers") <= sys.stdlib_module_names | SERVER_LIBRARIES


def test_the_harness_never_imports_a_client() -> None:
    assert not tops("harness") & CLIENTS


@pytest.mark.parametrize("room", ["scenarios", "servers"])
def test_no_import_leaves_its_room(room: str) -> None:
    """Relative imports stay within the folder: scenarios and servers never see the harness."""
    for file in sources(room):
        depth = len(file.relative_to(ROOT / room).parents)
        assert all(level <= depth for level, _ in imported(file)), file


def test_the_harness_takes_only_declarations_and_the_protocol_from_the_scenarios() -> None:
    """Bodies and adapters run in the worker; the harness reads what loads are made of, and how long a worker takes."""
    taken = {
        module.partition("scenarios")[2]
        for file in sources("harness")
        for level, module in imported(file)
        if level and "scenarios" in module
    }
    assert taken <= {"", ".worker", ".worker.declaration", ".worker.shapes"}


def test_the_scenarios_stay_within_python_3_6() -> None:
    vermin = [
        str(Path(sys.executable).with_name("vermin")),
        "--quiet",
        "--no-tips",
        "--violations",
        "--target=3.6-",
        "scenarios",
    ]
    checked = subprocess.run(vermin, cwd=ROOT, capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stdout

"""The parts of scripts are modules: alternatives agree, and a script has their statements without annotations."""

from __future__ import annotations

import ast
import importlib
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from conftest import ROOT

from poolgate.answers.repro.parts.stepping import site_of
from poolgate.answers.repro.plain import plain
from poolgate.answers.repro.sources import part

FOLDER = ROOT / "harness" / "answers" / "repro" / "parts"
PARTS = sorted(file.stem for file in FOLDER.glob("*.py") if file.stem != "__init__")
ON_TRIO = {"backend_trio", "cancel_trio"}
"""Trio itself is only there with a client."""


def functions(name: str) -> dict[str, list[str]]:
    """Return the functions of a part with the names of their parameters."""
    nodes = ast.parse(part(name)).body
    found = [node for node in nodes if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
    return {node.name: [each.arg for each in node.args.args] for node in found}


def names(name: str) -> set[str]:
    """Return the names that a part defines."""
    stored = (node for node in ast.walk(ast.parse(part(name))) if isinstance(node, ast.Name))
    return {*functions(name), *(node.id for node in stored if isinstance(node.ctx, ast.Store))}


def imported_from(module: str) -> set[str]:
    """Return the names that the parts import from a part."""
    nodes = [node for name in PARTS for node in ast.parse((FOLDER / f"{name}.py").read_text()).body]
    found = [node for node in nodes if isinstance(node, ast.ImportFrom) and node.module == module]
    return {alias.name for node in found for alias in node.names}


@pytest.mark.parametrize("name", PARTS)
def test_each_part_is_a_module(name: str) -> None:
    if name not in ON_TRIO:
        assert importlib.import_module(f"poolgate.answers.repro.parts.{name}").__doc__


def test_both_backends_have_what_the_parts_use() -> None:
    used = imported_from("backend_asyncio")
    assert used <= names("backend_asyncio")
    assert used <= names("backend_trio")


@pytest.mark.parametrize("name", [name for name in PARTS if name.startswith("cancel_")])
def test_each_way_to_cancel_is_called_alike(name: str) -> None:
    """With `wait_for` requests are cancelled one by one only."""
    called = {function: functions("cancel_native")[function] for function in imported_from("cancel_native")}
    has = {function: parameters for function, parameters in functions(name).items() if function in called}
    assert has == (called if name != "cancel_wait_for" else {"cancel_after": called["cancel_after"]})


def test_both_kinds_of_pool_are_asked_alike() -> None:
    assert functions("one_slot")["serves"] == functions("bursts")["serves"]


@pytest.mark.parametrize("name", PARTS)
def test_no_docstring_is_lost(name: str) -> None:
    for node in ast.walk(ast.parse((FOLDER / f"{name}.py").read_text())):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) and (
            text := ast.get_docstring(node)
        ):
            assert f"  # {text}\n" in part(name) or name == "facts", text


def test_scripts_stay_within_python_3_6(tmp_path: Path) -> None:
    """All but a style of cancellation that came with Python 3.11, and the measuring of processor time."""
    for name in PARTS:
        (tmp_path / f"{name}.py").write_text(part(name))
    vermin = str(Path(sys.executable).with_name("vermin"))
    newer = ("asyncio.timeout", "time.thread_time", "__future__.annotations")
    options = [
        "--quiet",
        "--no-tips",
        "--violations",
        "--target=3.6-",
        *(word for name in newer for word in ("--exclude", name)),
    ]
    checked = subprocess.run([vermin, *options, str(tmp_path)], capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stdout


def test_annotations_go_and_docstrings_become_comments() -> None:
    source = '''"""A part."""

from typing import NamedTuple

seen: dict[str, int]
seen, LIMIT = {}, 1
WORDS: dict[str, str] = {
    "a": "b",
}
"""What they are."""


class Place(NamedTuple):
    """A place.

    In words.
    """

    site: str


class Thing:
    """A thing."""

    size: int | None = None

    async def go(
        self, name: str, *names: str, wait: float = 0.5, unit: str = "s", then: Callable[[], None] = lambda: None
    ) -> None:
        """Go."""

        def inner() -> None:
            # Kept.
            print("a")  # kept too

        inner()
'''
    assert (
        plain(source)
        == """\
from typing import NamedTuple
seen, LIMIT = {}, 1
WORDS = {
    "a": "b",
}
class Place(NamedTuple):
    site: str
class Thing:  # A thing.
    size = None
    async def go(self, name, *names, wait=0.5, unit="s", then=lambda: None):  # Go.
        def inner():
            # Kept.
            print("a")  # kept too
        inner()
"""
    )


CLIENT = """
async def request():
    async for _ in pieces():
        pass

async def pieces():
    await Wait()
    yield b""

class Wait:
    def __await__(self):
        yield from released()

def released():
    yield "suspended"
"""


def test_a_site_is_what_the_scenario_reports() -> None:
    """Through a coroutine, an asynchronous generator, its `asend`, an object with `__await__` and a generator."""
    names: dict[str, Any] = {"__name__": "httpcore._async.pool"}
    worker = importlib.import_module("poolgate.scenarios.sweep.suspension_site")
    exec(CLIENT, names)

    async def caller() -> None:
        await names["request"]()

    suspended = caller()
    suspended.send(None)
    assert site_of(suspended) == worker.place_of(suspended).site == "httpcore._async.pool:released"
    suspended.close()

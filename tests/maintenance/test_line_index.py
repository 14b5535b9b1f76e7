"""The index of lines and the digests of pools are made end to end from a small registry on loopback."""

from __future__ import annotations

import lzma
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest
from support.registry import FakeRegistry, wheel

from poolgate.answers.inference.pool_code import PoolCode
from poolgate.catalogue.line_index import NO_CODE, Code, LineIndex, mark_of
from poolgate.catalogue.making.generate import generate, instant
from poolgate.catalogue.packages import CLIENTS, PACKAGES
from poolgate.catalogue.releases import Catalogue, decode
from poolgate.errors import Exit
from poolgate.maintenance import line_index, pool_code
from poolgate.maintenance.line_index import functions_in, index_of

OLDER = "class Client:\n    def send(self):\n        return 1\n"
NEWER = "import os\n\n" + OLDER

Main = Callable[[list[str], str], int]


@pytest.fixture
def catalogue(registry: FakeRegistry, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Catalogue:
    """Return a catalogue of three releases of httpx and one of each other package, which the commands then use."""
    for package in PACKAGES:
        for version, code in (("1.0", OLDER), ("1.1", OLDER), ("1.2", NEWER))[: 3 if package == "httpx" else 1]:
            requires = (f"{package.replace('httpx', 'httpcore')}==1.*",) if package in CLIENTS else ()
            registry.add(package, version, wheel(package, version, requires, code=code))
    made = decode(generate(registry.endpoint, instant("2026-11-20"), tmp_path / "cache"))
    for module in (line_index, pool_code):
        monkeypatch.setattr(module, "load", lambda: made)
    return made


def test_the_index_has_each_function_once_with_the_releases_of_each_place(
    registry: FakeRegistry, catalogue: Catalogue, tmp_path: Path
) -> None:
    path = tmp_path / "index.json.xz"
    assert line_index.main(["-o", str(path)], registry.endpoint) == Exit.FINE
    index = msgspec.json.decode(lzma.decompress(path.read_bytes()), type=LineIndex)
    assert index.cutoff == catalogue.cutoff
    assert index.releases["httpx"] == ["1.0", "1.1", "1.2"]
    marks = mark_of("def send(self):") + mark_of("return 1")
    assert index.functions["httpx"] == {"__init__.py": {"send": [Code(marks, {2: "0-1", 4: "2"})]}}
    again = tmp_path / "again.json.xz"
    assert line_index.main(["-o", str(again)], registry.endpoint) == Exit.FINE
    assert again.read_bytes() == path.read_bytes()


def test_the_digests_have_each_client_and_pool(registry: FakeRegistry, catalogue: Catalogue, tmp_path: Path) -> None:
    path = tmp_path / "code.json"
    assert pool_code.main(["-o", str(path)], registry.endpoint) == Exit.FINE
    code = msgspec.json.decode(path.read_bytes(), type=PoolCode)
    assert code.cutoff == catalogue.cutoff
    assert list(code.clients["httpx"]) == ["1.0", "1.1", "1.2"]
    assert code.clients["httpx"]["1.0"] == code.clients["httpx"]["1.2"]
    assert code.pools["httpcore"].keys() == {"1.0"}
    assert code.absent == {}


@pytest.mark.parametrize("main", [line_index.main, pool_code.main])
@pytest.mark.usefixtures("catalogue")
def test_a_registry_with_other_code_is_an_error(
    main: Main, registry: FakeRegistry, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "out"
    path.write_text("old")
    registry.projects["httpcore"] = {}
    registry.add("httpcore", "1.0", wheel("httpcore", "1.0", code="pool = ['another']\n"))
    assert main(["-o", str(path)], registry.endpoint) == Exit.HARNESS
    expected = "httpcore-1.0-py3-none-any.whl is not the code that the catalogue describes: run `make catalogue`"
    assert capsys.readouterr().err == f"error: {expected}; {path} is unchanged\n"
    registry.projects["httpcore"] = {}
    assert main(["-o", str(path)], registry.endpoint) == Exit.HARNESS
    expected = "the registry has no file of httpcore 1.0, which the catalogue lists"
    assert capsys.readouterr().err == f"error: {expected}; {path} is unchanged\n"
    assert path.read_text() == "old"


def test_docstrings_and_empty_lines_have_no_mark() -> None:
    text = '@cached\ndef send(self):\n    """Send\n\n    it."""\n\n    return 1  # one\n'
    ((name, marks, start),) = functions_in(text)
    assert (name, start) == ("send", 1)
    assert marks == mark_of("@cached") + mark_of("def send(self):") + 4 * NO_CODE + mark_of("return 1  # one")


def test_functions_of_one_name_and_inner_functions_are_kept() -> None:
    text = "class A:\n    def run(self):\n        def inner(): pass\n\nclass B:\n    async def run(self): return 2\n"
    assert {(name, start) for name, _, start in functions_in(text)} == {("run", 2), ("inner", 3), ("run", 6)}


def test_a_function_that_leaves_and_comes_back_is_one_code() -> None:
    modules = [{"a.py": OLDER}, {"a.py": NEWER}, {"a.py": OLDER}, {}]
    (code,) = index_of(modules)["a.py"]["send"]
    assert code.starts == {2: "0,2", 4: "1"}

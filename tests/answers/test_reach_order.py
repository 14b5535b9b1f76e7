"""The order in which a program is read changes no answer, nor does the seed of hashes; a limit is admitted."""

from __future__ import annotations

import os
import random
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from textwrap import dedent
from typing import TypeVar

import pytest

from poolgate.answers.reach.answer import CodeReach, Reach
from poolgate.answers.reach.read import read_code
from poolgate.answers.reach.source.files import Sources, read_sources
from poolgate.answers.reach.source.program import Program
from poolgate.cells.groups import Group
from poolgate.maintenance.labelled import PROGRAMS, programs

Item = TypeVar("Item")

CIRCLES = {
    "app/pool.py": """\
        import httpx
        from .work import Work, passed

        class Pool:
            def __init__(self, work=None):
                self.work = work or Work(self)
                self.client = self.work.client

            def made(self):
                return self.client or passed(self).made()
        """,
    "app/work.py": """\
        import asyncio
        import httpx
        from .pool import Pool

        def passed(pool):
            return pool.work.pool or Pool(Work(pool))

        class Work:
            def __init__(self, pool):
                self.pool = pool
                self.client = pool.made() or httpx.AsyncClient(trust_env=not True)

            async def run(self):
                await asyncio.wait_for(passed(self.pool).made().get("https://example.org/"), 1)
        """,
    "main.py": """\
        import asyncio
        from app.pool import Pool

        asyncio.run(Pool().work.run())
        """,
}
"""Classes that hold each other, over files that import each other."""
LONG = 120
SEEN_BY_SEED = """\
import sys
from pathlib import Path
from poolgate.answers.reach.read import read_code
for name in sys.argv[1:]:
    print(sorted(read_code(Path(name), ["httpx"]).groups.items()))
"""


def reorder(items: list[Item], seed: int) -> None:
    """Reverse a list for seed 0, else shuffle it."""
    if seed:
        random.Random(seed).shuffle(items)
    else:
        items.reverse()


def in_another_order(monkeypatch: pytest.MonkeyPatch, seed: int) -> None:
    """Read the files of programs, and look at their definitions, calls and fields, in another order."""

    class Reordered(Program):
        def __init__(self, *args, **kwargs) -> None:  # type: ignore[no-untyped-def]
            super().__init__(*args, **kwargs)
            reorder(self.scopes, seed)
            reorder(self.calls, seed)
            reorder(self.withs, seed)
            for calls in self.calls_named.values():
                reorder(calls, seed)
            for references in self.references.values():
                reorder(references, seed)
            for scopes in (*self.functions.values(), *self.decorated.values()):
                reorder(scopes, seed)
            for stored in self.fields.values():
                reorder(stored, seed)
            for kept in self.keys.values():
                reorder(kept, seed)

    def read(path: Path, words: Iterable[bytes]) -> Sources:
        found = read_sources(path, words)
        reorder(found.parsed, seed)
        return found

    monkeypatch.setattr("poolgate.answers.reach.read.read_sources", read)
    monkeypatch.setattr("poolgate.answers.reach.read.Program", Reordered)


def decided(code: CodeReach) -> dict[Group, tuple[Reach, list[str]]]:
    return {group: (found.state, found.places) for group, found in code.groups.items()}


@pytest.fixture
def circles(tmp_path: Path) -> Path:
    for name, text in CIRCLES.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(dedent(text))
    return tmp_path


@pytest.fixture
def chain(tmp_path: Path) -> Path:
    """Functions in files that each return what the next one does; a caller of each, so that any may be asked first."""
    for place in range(LONG):
        text = f"from f{place + 1} import made{place + 1}\n\ndef made{place}():\n    return made{place + 1}()\n"
        (tmp_path / f"f{place}.py").write_text(text + f"\nmade{place}().get('https://example.org/')\n")
    last = f"import httpx\nclient = httpx.Client()\n\ndef made{LONG}():\n    return client or made0()\n\n"
    thread = "import threading\nfrom f0 import made0\nthreading.Thread(target=made0().get).start()\n"
    (tmp_path / f"f{LONG}.py").write_text(last + "from f0 import made0\n")
    (tmp_path / "main.py").write_text(thread)
    return tmp_path


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_a_long_chain_of_names_in_a_circle_is_followed_in_each_order(
    seed: int, monkeypatch: pytest.MonkeyPatch, chain: Path
) -> None:
    in_another_order(monkeypatch, seed)
    found = read_code(chain, ["httpx"]).groups[Group.THREADS]
    assert (found.state, [place.rpartition("/")[2] for place in found.places]) == (Reach.REACHED, ["main.py:3"])


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_another_order_of_files_and_definitions_gives_the_same_answers(
    seed: int, monkeypatch: pytest.MonkeyPatch, circles: Path
) -> None:
    paths = [*programs(), circles]
    before = {path: decided(read_code(path, ["httpx"])) for path in paths}
    in_another_order(monkeypatch, seed)
    assert {path: decided(read_code(path, ["httpx"])) for path in paths} == before


def test_classes_that_hold_each_other_are_resolved(circles: Path) -> None:
    found = read_code(circles, ["httpx"]).groups[Group.CANCELLATION]
    assert found.state is Reach.REACHED
    assert [place.rpartition("/")[2] for place in found.places] == ["work.py:14"]


def test_another_seed_of_hashes_gives_the_same_answers(circles: Path) -> None:
    names = ["fastapi_app", "package_app", "dispatch_dict.py", "mixin_streams.py", "base_class_service.py"]
    paths = [str(circles), *(str(PROGRAMS / name) for name in names)]
    command = [sys.executable, "-c", SEEN_BY_SEED, *paths]
    answers = {
        subprocess.run(
            command, env={**os.environ, "PYTHONHASHSEED": seed}, capture_output=True, text=True, check=True
        ).stdout
        for seed in ("1", "2", "3")
    }
    assert len(answers) == 1
    assert "reached" in answers.pop()


@pytest.mark.parametrize(
    "limit",
    [
        "requests.client_sites.MOST_FOR_OPTIONS",
        "resolving.remembered.MOST_STEPS",
        "resolving.remembered.DEEPEST",
        "resolving.parameters.WIDEST",
    ],
)
def test_what_a_limit_cuts_is_unknown(limit: str, monkeypatch: pytest.MonkeyPatch, circles: Path) -> None:
    assert Reach.NOT_SEEN in {found.state for found in read_code(circles, ["httpx"]).groups.values()}
    monkeypatch.setattr(f"poolgate.answers.reach.{limit}", 0)
    code = read_code(circles, ["httpx"])
    assert {found.state for found in code.groups.values()} <= {Reach.UNKNOWN, Reach.REACHED}
    assert "too large to be followed in full" in code.groups[Group.TRIO].why

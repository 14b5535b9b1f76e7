"""The programs in `docs/watch.md` are wrong as they are in use: the note of the next PoolTimeout names their line.

Each section has a program, what is printed of it, and the same program with its fix; all of them are run.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
from pathlib import Path

import pytest
from conftest import ROOT
from support.environments import built
from support.server_client import PATIENCE

GUIDE = (ROOT / "docs" / "watch.md").read_text()
SDK = "chat.py"
_BLOCK = re.compile(r"^```(python|text)\n(.*?)^```", re.MULTILINE | re.DOTALL)
_SECONDS = re.compile(r"\d+\.\d s")
_CLOCK = re.compile(r"\d\d:\d\d:\d\d")

Lines = dict[str, list[str]]
Guide = dict[str, tuple[str, str, str]]
"""By the name of its file: a program, what is printed of it, and the program with its fix."""


def sections() -> Guide:
    found: Guide = {}
    for section in GUIDE.split("\n## ")[1:]:
        (_, wrong), (_, printed), (_, fixed) = (match.groups() for match in _BLOCK.finditer(section))
        found[wrong.partition("\n")[0].removeprefix("# ")] = wrong, printed, fixed
    return found


NAMES = list(sections())


def normal(text: str) -> list[str]:
    """Return lines with the same times in each."""
    return _CLOCK.sub("00:00:00", _SECONDS.sub("0.0 s", text)).splitlines()


def ran(room: Path, folder: Path, interpreter: str, client: str, names: list[str]) -> Lines:
    """Run programs and their fixes, and return what each printed."""
    for name in names:
        wrong, _, fixed = sections()[name]
        for place, text in (("wrong", wrong), ("fixed", fixed)):
            (folder / place).mkdir(exist_ok=True)
            (folder / place / name).write_text(text)
    program = [interpreter, str(ROOT / "tests" / "watch" / "program_service.py"), client, str(folder)]
    variables = {**os.environ, "PYTHONPATH": os.pathsep.join((str(room), str(ROOT / "tests")))}
    done = subprocess.run(program, env=variables, capture_output=True, text=True, timeout=2 * PATIENCE, check=False)
    assert done.returncode == 0, done.stderr
    found: Lines = json.loads(done.stdout)
    return found


@pytest.fixture(scope="module")
def of_services(room: Path, tmp_path_factory: pytest.TempPathFactory) -> Lines:
    names = [name for name in NAMES if name != SDK]
    return ran(room, tmp_path_factory.mktemp("services"), built("httpx==0.28.1").interpreter, "httpx", names)


@pytest.fixture(scope="module")
def of_the_sdk(room: Path, with_packages: str, tmp_path_factory: pytest.TempPathFactory) -> Lines:
    return ran(room, tmp_path_factory.mktemp("sdk"), with_packages, "httpx2", [SDK])


@pytest.fixture
def printed(request: pytest.FixtureRequest, name: str) -> Lines:
    lines: Lines = request.getfixturevalue("of_the_sdk" if name == SDK else "of_services")
    return lines


def test_the_guide_has_three_services_and_an_sdk() -> None:
    assert [*NAMES] == ["report.py", "feed.py", "reader.py", SDK]


@pytest.mark.parametrize("name", NAMES)
def test_the_note_names_the_line_and_the_verdict_is_that_of_the_guide(printed: Lines, name: str) -> None:
    expected = normal(sections()[name][1])
    assert normal("\n".join(printed[f"wrong/{name}"])) == expected
    assert f"{name}:" in expected[0]


@pytest.mark.parametrize("name", NAMES)
def test_the_fixed_program_serves(printed: Lines, name: str) -> None:
    (verdict,) = printed[f"fixed/{name}"]
    assert verdict.startswith("serves: ")

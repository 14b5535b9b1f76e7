"""The wheel, installed alone: it is small, answers from stored verdicts, and names the missing extra."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
import tomli
from conftest import DATA, ROOT
from support.wheel import plain_environment

from poolgate.cli.parser import build_parser

Ran = Callable[..., tuple[int, str, str]]

MOST = 15_000_000
"""Bytes of all packages that a plain installation pulls in; there are 10 million of them, half of that is Pygments."""
HEAVY = {"hypercorn", "starlette", "h2", "trustme", "cryptography", "uv", "psutil", "httpx", "httpcore"}
EXTRA = 'needs the extra "measure": pip install "poolgate[measure]"\n'


@pytest.fixture
def ran(tmp_path: Path) -> Ran:
    """Return a function that runs the installed program, and returns exit code, stdout and stderr."""

    def run(*words: str) -> tuple[int, str, str]:
        moved = {"POOLGATE_CACHE": str(tmp_path / "cache"), "PYTHONPATH": ""}
        ran = subprocess.run(
            [plain_environment() / "bin" / "poolgate", *words],
            env={**os.environ, **moved},
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
        )
        return ran.returncode, ran.stdout, ran.stderr

    return run


def test_a_plain_installation_is_small() -> None:
    (packages,) = plain_environment().glob("lib/python3*/site-packages")
    names = {found.name for found in packages.iterdir()}
    files = (file for file in packages.rglob("*") if file.is_file() and "__pycache__" not in file.parts)
    size = sum(file.stat().st_size for file in files if not file.relative_to(packages).parts[0].startswith("poolgate"))
    assert not HEAVY & names
    assert size < MOST


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("affected", "httpx==0.28.1"), 1, "affected: requests that are cancelled"),
        (("gate", "--base", "httpx==0.27.2", "--head", "httpx==0.28.1"), 0, "no worse: "),
        (("explain", str(DATA / "golden" / "history-v1.jsonl")), 0, "by-hand with httpx 0.0.1: FAIL"),
        (("floor", "httpx2>=2.0,<3"), 0, "httpx2>=2.0,<3: declare httpx2>="),
        (("watch", "--help"), 0, "usage: poolgate watch "),
        (("fixed", "encode/httpx#1171"), 0, "encode/httpx#1171: best today is"),
    ],
)
def test_it_answers_from_stored_verdicts(ran: Ran, words: tuple[str, ...], code: int, said: str) -> None:
    got, out, err = ran(*words)
    assert (got, err) == (code, "")
    assert out.startswith(said)


def test_each_verb_that_does_not_measure_is_imported_without_the_extra() -> None:
    (verbs,) = [action for action in build_parser()._actions if action.dest == "verb"]
    plain = [name for name, parser in dict(verbs.choices or {}).items() if not parser.get_default("measures")]
    code = f"import importlib; [importlib.import_module(f'poolgate.cli.commands.{{name}}') for name in {plain}]"
    subprocess.run([plain_environment() / "bin" / "python", "-I", "-c", code], check=True)
    assert {"affected", "gate", "watch"} <= set(plain)


@pytest.mark.parametrize(
    ("words", "what"),
    [
        (("run", "core", "--target", "httpx==0.28.1"), "poolgate run"),
        (("explain", "gather-over-limit@httpx==0.28.1"), "poolgate explain of a cell without a stored history"),
        (
            ("gate", "--base", "httpx==0.27.2", "--head", "httpx==0.28.1", "--budget", "1"),
            "poolgate gate with --budget, --again, --client or --surface",
        ),
    ],
)
def test_what_has_to_measure_names_the_extra(ran: Ran, words: tuple[str, ...], what: str) -> None:
    assert ran(*words) == (2, "", f"poolgate: {what} {EXTRA}")


def test_a_gate_states_what_it_could_not_measure(ran: Ran) -> None:
    sides = ("--base", "httpx==0.24.1,httpcore==0.17.1", "--head", "httpx==0.25.0,httpcore==0.18.0")
    code, out, err = ran("gate", "gather-over-limit[backend=trio]", *sides, "--format", "json")
    (missing,) = json.loads(out)["not_exercised"]
    assert (code, err) == (3, "")
    assert missing["reason"] == f"not in the ledgers, and measuring {EXTRA}".rstrip()


def test_the_tools_of_development_include_every_extra() -> None:
    extras = tomli.loads((ROOT / "pyproject.toml").read_text())["project"]["optional-dependencies"]
    (included,) = [line for line in extras["dev"] if line.startswith("poolgate[")]
    assert set(included.removeprefix("poolgate[").rstrip("]").split(",")) == extras.keys() - {"dev"}

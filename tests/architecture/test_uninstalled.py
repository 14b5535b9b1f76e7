"""A file that is new in a checkout, or gone from it, is named with what to do; other files cause no message."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import ROOT

from poolgate.cli.uninstalled import difference_of, uninstalled

NEW = "sources are not what is installed (new: {}): run `make .venv/installed`"


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """Make a checkout and its editable install, a folder with a link for each file; returns `tmp_path`."""
    for room in ("harness", "harness/verbs", "scenarios", "servers", "watch"):
        (tmp_path / room).mkdir()
        (tmp_path / room / "__init__.py").write_text("")
    (tmp_path / "harness" / "cli.py").write_text("")
    for room, place in (("harness", ""), *((room, room) for room in ("scenarios", "servers", "watch"))):
        for file in (tmp_path / room).rglob("*.py"):
            link = tmp_path / "installed" / place / file.relative_to(tmp_path / room)
            link.parent.mkdir(parents=True, exist_ok=True)
            link.symlink_to(file)
    return tmp_path


def test_an_unchanged_checkout_causes_no_message(checkout: Path) -> None:
    assert difference_of(checkout / "installed") is None
    assert uninstalled() is None


@pytest.mark.parametrize(
    ("file", "name"),
    [
        ("harness/new.py", "new.py"),
        ("harness/verbs/new.py", "verbs/new.py"),
        ("harness/other/__init__.py", "other/__init__.py"),
        ("scenarios/new.py", "scenarios/new.py"),
        ("servers/new.py", "servers/new.py"),
        ("watch/new.py", "watch/new.py"),
    ],
)
def test_a_new_file_is_named(file: str, name: str, checkout: Path) -> None:
    (checkout / file).parent.mkdir(exist_ok=True)
    (checkout / file).write_text("")
    assert difference_of(checkout / "installed") == NEW.format(name)


def test_a_file_that_is_gone_is_named(checkout: Path) -> None:
    (checkout / "harness" / "cli.py").unlink()
    difference = difference_of(checkout / "installed")
    assert difference == "sources are not what is installed (gone: cli.py): run `make .venv/installed`"


def test_a_cache_of_python_is_not_a_source(checkout: Path) -> None:
    (checkout / "harness" / "__pycache__").mkdir()
    (checkout / "harness" / "__pycache__" / "x.py").write_text("")
    (checkout / "harness" / "notes.txt").write_text("")
    assert difference_of(checkout / "installed") is None


def test_a_package_without_links_is_itself_installed(checkout: Path) -> None:
    (checkout / "harness" / "new.py").write_text("")
    assert difference_of(checkout / "harness") is None


def test_the_program_prints_the_difference_and_continues(tmp_path: Path) -> None:
    """The links of this checkout, as an installation makes them, and one more file."""
    for room in ("harness", "scenarios", "servers", "watch"):
        shutil.copytree(ROOT / room, tmp_path / room, ignore=shutil.ignore_patterns("__pycache__"))
    package = tmp_path / "installed" / "poolgate"
    shutil.copytree(tmp_path / "harness", package, copy_function=os.symlink)
    for room in ("scenarios", "servers", "watch"):
        shutil.copytree(tmp_path / room, package / room, copy_function=os.symlink)
    shutil.copytree(ROOT / "results", package / "results", ignore=shutil.ignore_patterns("stacks", "__pycache__"))
    (tmp_path / "scenarios" / "brand_new.py").write_text("")
    ran = subprocess.run(
        [sys.executable, "-m", "poolgate", "list"],
        env={**os.environ, "PYTHONPATH": str(package.parent)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0
    assert ran.stderr == f"poolgate: {NEW.format('scenarios/brand_new.py')}\n"
    assert ran.stdout.startswith("abandoned-stream\n")

"""Files that are no lock, or are hostile: one line says what each is and what to name instead."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from conftest import DATA

from poolgate.targets.lockfiles.requirements import MOST_FILES
from poolgate.targets.parse import parse

Poolgate = Callable[..., tuple[int, str, str]]
FREEZE = "run `python -m pip list --format=freeze > requirements.txt` in the environment and name that file"

CONDA = "name: app\nchannels:\n  - conda-forge\ndependencies:\n  - python=3.11\n  - httpx=0.28.1\n"
CONDA_PIP = "dependencies:\n  - python\n  - pip:\n    - httpx==0.28.1\n"
CONDA_LOCK = "version: 1\nmetadata:\n  platforms:\n  - linux-64\npackage:\n- name: httpx\n  version: 0.28.1\n"
PIXI = "version: 6\nenvironments:\n  default:\n    channels: []\npackages:\n- conda: https://example.org/httpx.conda\n"
LIST = "# This file may be used to create an environment using:\n# platform: linux-64\nhttpx=0.28.1=pyhd8ed1ab_0\n"
COLUMNS = "Package    Version\n---------- -------\nhttpx      0.28.1\nhttpcore   1.0.9\n"
CONFLICT = '[[package]]\nname = "httpx"\n<<<<<<< HEAD\nversion = "0.28.1"\n=======\nversion = "0.27.2"\n>>>>>>> x\n'


@pytest.mark.parametrize(
    ("name", "text", "reason"),
    [
        ("environment.yml", CONDA, f"it is a conda environment: {FREEZE}"),
        ("environment.yml", CONDA_PIP, f"it is a conda environment: {FREEZE}"),
        ("conda-lock.yml", CONDA_LOCK, f"it is a conda-lock file: {FREEZE}"),
        (
            "pixi.lock",
            PIXI,
            "it is a pixi.lock: name its environment, as python:.pixi/envs/default, or export one with",
        ),
        ("pixi.toml", "[workspace]\nname = 'x'\n[dependencies]\nhttpx = '*'\n", "it is a pixi.toml, which has ranges"),
        ("spec.txt", f"{LIST}", f"it is an export of `conda list`: {FREEZE}"),
        (
            "list.txt",
            COLUMNS,
            f"it is a list of packages in columns, as `pip list` or `conda list` prints it: {FREEZE}",
        ),
        (
            "list.txt",
            "# packages in environment at /opt/x:\n#\nhttpx   0.28.1   pyhd8ed1ab_0   conda-forge\n",
            f"it is a list of packages in columns, as `pip list` or `conda list` prints it: {FREEZE}",
        ),
        (
            "requirements.txt",
            "git+https://example.org/encode/httpx@0.27.2#egg=httpx\nhttpcore==1.0.5\n",
            "httpx comes from git+https://example.org/encode/httpx@0.27.2#egg=httpx, which is not a registry",
        ),
        (
            "requirements.txt",
            "httpx==0.27.2\ngit+ssh://git@example.org/encode/httpcore.git@1.0.5\n",
            "httpcore comes from git+ssh://example.org/encode/httpcore.git@1.0.5, which is not a registry",
        ),
        ("spec.txt", "# x\n@EXPLICIT\nhttps://example.org/httpx.conda\n", f"it is an explicit list of conda: {FREEZE}"),
        (
            "pyproject.toml",
            '[project]\nname = "x"\ndependencies = ["httpx"]\n',
            "it is a pyproject.toml, which has ranges",
        ),
        (
            "pyproject.toml",
            "[tool.poetry.dependencies]\nhttpx = '*'\n",
            "name its lock instead, such as uv.lock (`uv lock`",
        ),
        (
            "Pipfile",
            '[packages]\nhttpx = "*"\n',
            "it is a Pipfile, which has ranges and no pins: name its Pipfile.lock",
        ),
        ("setup.cfg", "[metadata]\nname = x\n[options]\ninstall_requires =\n  httpx\n", "it is a setup.cfg or tox.ini"),
        (
            "setup.py",
            "from setuptools import setup\nsetup(install_requires=['httpx'])\n",
            "it is a Python program, such",
        ),
        ("package.json", '{"name": "x", "version": "1"}', "it is a package.json of another language than Python"),
        ("package-lock.json", '{"name": "x", "lockfileVersion": 3}', "it is a lock of another language than Python"),
        (
            "pnpm-lock.yaml",
            "lockfileVersion: '9.0'\n\nsettings:\n  a: 1\n",
            "it is a lock of another language than Python",
        ),
        ("Cargo.lock", 'version = 4\n[[package]]\nname = "httpx"\nchecksum = "00"\n', "it is a Cargo.lock, of another"),
        ("report.json", '{"version": "1", "pip_version": "26.3", "install": []}', f"it is a report of pip: {FREEZE}"),
        ("list.json", '[{"name": "httpx", "version": "0.28.1"}]', f"it is a list of packages as JSON: {FREEZE}"),
        ("x.json", '{"a": 1}', "it is JSON, but not a Pipfile.lock: name uv.lock, pylock.toml, poetry.lock"),
        ("x.json", "[]", "it is JSON, but not a Pipfile.lock"),
        ("x.json", '{"_meta": ', "it can't be read as JSON: "),
        ("x.json", "[1, ", "it can't be read as JSON: "),
        ("ci.yml", "on: push\njobs:\n  x: 1\n", "it is YAML, and no lock of Python packages: name uv.lock"),
        (
            "Dockerfile",
            "FROM python:3.11\nRUN pip install httpx\n",
            "it is a Dockerfile: name the lock that it installs",
        ),
        ("uv.lock", "<!DOCTYPE html>\n<html></html>\n", "it is HTML or XML, such as a page about a file"),
        ("uv.lock", CONFLICT, "it has a merge conflict: resolve it, and lock again"),
        ("requirements.txt", "<<<<<<< a\nhttpx==0.28.1\n=======\n>>>>>>> b\n", "it has a merge conflict: resolve it"),
        ("requirements.txt", " \n\t\n", "it is empty; name a lock file"),
        ("notes.txt", "httpx==0.28.1\nhello world\n", "line 2 is not a requirement: hello world; name uv.lock, pylock"),
        ("x.txt", "httpx==0.28.1 extra\n", "line 1 is not a requirement: httpx==0.28.1 extra"),
        ("x.txt", "httpx=0.28.1\n", "line 1 is not a requirement: httpx=0.28.1"),
        ("x.txt", "httpx==?\n", "line 1 is not a requirement: httpx==?"),
        (
            "poetry.lock",
            '[[package]]\nname = "httpx"\nversion = "?"\n[metadata]\nlock-version = "2"\n',
            "'?' of httpx is",
        ),
    ],
)
def test_what_is_not_a_lock_is_named(poolgate: Poolgate, tmp_path: Path, name: str, text: str, reason: str) -> None:
    path = tmp_path / name
    path.write_text(text)
    _refused(poolgate, f"lock:{path}", reason)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"\x1f\x8b\x08", "it is a gzip archive, not text; name a lock file"),
        (b"SQLite format 3\0", "it is an SQLite database, not text"),
        (b"httpx==0.28.1\0", "it is binary, not text; name a lock file"),
        (b"\x89PNG\r\n", "it is neither UTF-8 nor UTF-16 text; name a lock file"),
        (b"\xff\xfe\x00", "it is neither UTF-8 nor UTF-16 text"),
    ],
)
def test_what_is_not_text_is_refused(poolgate: Poolgate, tmp_path: Path, content: bytes, reason: str) -> None:
    (tmp_path / "x").write_bytes(content)
    _refused(poolgate, f"lock:{tmp_path}/x", reason)


def test_a_wheel_is_refused(poolgate: Poolgate, tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "httpx-0.28.1-py3-none-any.whl", "w") as wheel:
        wheel.writestr("x", "x")
    _refused(poolgate, f"lock:{tmp_path}/httpx-0.28.1-py3-none-any.whl", "it is a zip archive or a wheel, not text")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("{" * 100_000, "it can't be read as JSON: "),
        ('{"a":' * 100_000, "it is nested too deeply to be read"),
        ("[" * 100_000, "it is nested too deeply to be read"),
        ("a = " + "[" * 100_000, "it can't be read as TOML: it is nested too deeply"),
        ("a = " + "9" * 100_000, "it can't be read as TOML: "),
        ("httpx==0.28.1; " + "(" * 100_000, "it is nested too deeply to be read"),
        ("httpx==" + "1" * 1_000_000, "of httpx is not a version; regenerate the lock file"),
        ("a" * 5_000_000, "none of httpx, httpx2, httpxyz is in it"),
        (" \n" * 1_000_000 + "x y\n", "line 1000001 is not a requirement: x y"),
        ("x \\\n" * 100_000, "line 1 is not a requirement: x x x"),
        ("httpx[" + "a," * 500_000, "line 1 is not a requirement: httpx[a,"),
        ("#" * 2_000_000, "none of httpx, httpx2, httpxyz is in it"),
    ],
    ids=range(12),
)
def test_hostile_content_is_refused_in_one_line(poolgate: Poolgate, tmp_path: Path, text: str, reason: str) -> None:
    (tmp_path / "x").write_text(text)
    _refused(poolgate, f"lock:{tmp_path}/x", reason)


def test_a_device_without_an_end_is_refused(poolgate: Poolgate) -> None:
    _refused(poolgate, "lock:/dev/zero", "/dev/zero can't be read: ")


@pytest.fixture
def including(tmp_path: Path) -> str:
    """The SPEC of a requirements file that includes pins and constraints."""
    (tmp_path / "sub").mkdir()
    (tmp_path / "requirements.txt").write_text("-r sub/base.txt\n--constraint=sub/pins.txt\nhttpx >= 0.20\n-e .\n")
    (tmp_path / "sub" / "base.txt").write_text("--index-url https://example.org/simple\n-r more.txt\nh11==0.14.0\n")
    (tmp_path / "sub" / "more.txt").write_text("anyio==4.2.0\n")
    (tmp_path / "sub" / "pins.txt").write_text("httpx==0.25.2\nhttpcore==1.0.2\ntrio==0.20\n")
    return f"lock:{tmp_path}/requirements.txt"


def test_included_files_and_constraints_are_read(including: str) -> None:
    """A constraint pins what is required, and the pool of a client; it does not add other packages."""
    target = parse(including)
    assert dict(target.pins) == {"httpx": "0.25.2", "httpcore": "1.0.2", "anyio": "4.2.0", "h11": "0.14.0"}
    assert target.notes == ()


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("-r more.txt\n", "it includes more.txt, which includes itself; break the circle"),
        ("-r ../requirements.txt\n", "it includes ../requirements.txt, which includes itself"),
        ("-r nowhere.txt\n", "it includes nowhere.txt, and there is no such file; name a lock that stands alone"),
        ("-r /dev/zero\n", "it includes /dev/zero, and there is no such file"),
        ("-r .\n", "it includes ., and there is no such file"),
        ("secret words\n", "line 1 of more.txt, which it includes, is not a requirement"),
    ],
)
def test_an_included_file_that_can_not_be_read(
    poolgate: Poolgate, tmp_path: Path, including: str, text: str, reason: str
) -> None:
    """The content of an included file is not quoted: it may be any file of the machine."""
    (tmp_path / "sub" / "more.txt").write_text(text)
    assert "secret" not in _refused(poolgate, including, reason)


def test_a_long_chain_of_files_ends(poolgate: Poolgate, tmp_path: Path) -> None:
    for number in range(MOST_FILES + 5):
        (tmp_path / f"{number}.txt").write_text(f"-r {number + 1}.txt\n")
    _refused(poolgate, f"lock:{tmp_path}/0.txt", f"it includes more than {MOST_FILES} files")


def test_files_with_an_address_are_not_read(tmp_path: Path) -> None:
    (tmp_path / "x").write_text("httpx==0.28.1\nhttpcore==1.0.9\n-c https://example.org/upper-constraints.txt\n")
    notes = parse(f"lock:{tmp_path}/x").notes
    assert notes == ("https://example.org/upper-constraints.txt, which it includes, was not read",)


def test_a_client_only_for_development_is_not_in_a_pipfile_lock(poolgate: Poolgate, tmp_path: Path) -> None:
    text = '{"_meta": {}, "default": {}, "develop": {"httpx": {"version": "==0.28.1"}}}'
    (tmp_path / "Pipfile.lock").write_text(text)
    reason = "none of httpx, httpx2, httpxyz is in it (its develop section is left out (1 package)); name a lock"
    _refused(poolgate, f"lock:{tmp_path}/Pipfile.lock", reason)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ('{"_meta": {}, "default": []}', "'default' is not a table; regenerate the lock file"),
        ('{"_meta": {}, "default": {"httpx": "0.28.1"}}', "'httpx' of the default section is not an object"),
        ('{"_meta": {}, "default": {"httpx": {"version": 1}}}', "'version' of a package is not a string"),
        (
            '{"_meta": {}, "default": {"httpx": {"git": "https://example.org/h"}}}',
            "httpx comes from git https://example",
        ),
        ('{"_meta": {}, "default": {"httpx": {"version": ">=99"}}}', "no known release of it suits; lock"),
    ],
)
def test_a_broken_pipfile_lock_is_refused(poolgate: Poolgate, tmp_path: Path, text: str, reason: str) -> None:
    (tmp_path / "Pipfile.lock").write_text(text)
    _refused(poolgate, f"lock:{tmp_path}/Pipfile.lock", reason)


@pytest.mark.parametrize(
    ("package", "reason"),
    [
        ('dependencies = "x"', "'dependencies' of httpx is not a list of strings"),
        ("requires_python = 1", "'requires_python' of httpx is not a string"),
        ('git = "https://example.org/h"', "httpx comes from git https://example.org/h, which is not a registry"),
    ],
)
def test_a_broken_pdm_lock_is_refused(poolgate: Poolgate, tmp_path: Path, package: str, reason: str) -> None:
    text = f'[metadata]\nlock_version = "4.5.0"\n[[package]]\nname = "httpx"\nversion = "0.28.1"\n{package}\n'
    (tmp_path / "pdm.lock").write_text(text)
    _refused(poolgate, f"lock:{tmp_path}/pdm.lock", reason)


def test_targets_of_a_pdm_lock_are_tables(poolgate: Poolgate, tmp_path: Path) -> None:
    (tmp_path / "pdm.lock").write_text('[metadata]\nlock_version = "4.5.0"\ntargets = [1]\n')
    _refused(poolgate, f"lock:{tmp_path}/pdm.lock", "'targets' is not an array of tables; regenerate the lock file")


def test_the_cases_that_are_not_locks_among_the_exporters(poolgate: Poolgate) -> None:
    for name, reason in (("Pipfile", "it is a Pipfile"), ("pip-list.json", FREEZE), ("pyproject.toml", "it is a pyp")):
        _refused(poolgate, f"lock:{DATA}/exporters/{name}", reason)


def _refused(poolgate: Poolgate, spec: str, reason: str) -> str:
    code, out, err = poolgate("affected", spec)
    assert (code, out) == (2, "")
    assert err.startswith("poolgate: lock:")
    assert reason in err
    assert len(err.splitlines()) == 1
    assert len(err) < 1000
    return err

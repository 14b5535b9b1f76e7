"""The Python of a lock: the one that is asked for, else one that the lock is for, else the one that runs poolgate."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from conftest import DATA

from poolgate.targets.lockfiles.lock_spec import LockSpec, lock_spec_of
from poolgate.targets.lockfiles.pythons import MINORS, RUNNING, allows, environment_of, pythons_of, span
from poolgate.targets.parse import parse

Poolgate = Callable[..., tuple[int, str, str]]
PYLOCK = """\
lock-version = "1.0"
requires-python = ">=3.9"
created-by = "hand"
[[packages]]
name = "httpcore"
version = "1.0.9"
wheels = [{{name = "httpcore-1.0.9-py3-none-any.whl", url = "https://example.org/w.whl", hashes = {{sha256 = "00"}}}}]
[[packages]]
name = "httpx"
version = "0.28.1"
marker = '{marker}'
wheels = [{{name = "httpx-0.28.1-py3-none-any.whl", url = "https://example.org/w.whl", hashes = {{sha256 = "00"}}}}]
"""


@pytest.mark.parametrize(
    ("spec", "parts"),
    [
        ("lock:uv.lock", LockSpec("uv.lock")),
        ("lock:a@b/uv.lock@3.13", LockSpec("a@b/uv.lock", python="3.13")),
        ("lock:uv.lock@3.13?rev=v1", LockSpec("uv.lock", "v1", "3.13")),
        ("lock:uv.lock?rev=v1@3.13", LockSpec("uv.lock", "v1", "3.13")),
        ("lock:uv.lock?rev=HEAD@{1}", LockSpec("uv.lock", "HEAD@{1}")),
        ("lock:uv.lock?client=httpx2&rev=v1", LockSpec("uv.lock", "v1", client="httpx2")),
    ],
)
def test_the_parts_of_a_lock_target(spec: str, parts: LockSpec) -> None:
    assert lock_spec_of(spec) == parts
    assert lock_spec_of(parts.text()) == parts


@pytest.mark.parametrize(
    ("requires", "pythons"),
    [
        ("", [RUNNING, *(minor for minor in MINORS[2:] if minor != RUNNING), "3.6", "3.7"]),
        (">=3.12,<3.14", ["3.12", "3.13"]),
        ("^3.14", ["3.14", "3.15"]),
        ("~3.12", ["3.12"]),
        ("==3.8.*", ["3.8"]),
        ("3.9.*", ["3.9"]),
        (">=3.8,<3.10 || >=3.14", ["3.8", "3.9", "3.14", "3.15"]),
        (">=3.8, !=3.9.*, <3.11", ["3.8", "3.10"]),
        (">=3.8 <3.10", ["3.8", "3.9"]),
        (">=4", []),
    ],
)
def test_the_pythons_that_a_requirement_allows(requires: str, pythons: list[str]) -> None:
    expected = sorted(pythons, key=lambda python: (python != RUNNING, pythons.index(python)))
    assert pythons_of(requires) == expected


def test_a_requirement_that_can_not_be_read_allows_every_python() -> None:
    assert allows("whatever", environment_of("3.12"))


@pytest.mark.parametrize(
    ("pythons", "words"),
    [
        (["3.13", "3.14", "3.15"], "Python >= 3.13"),
        (["3.6", "3.7", "3.8"], "Python <= 3.8"),
        (["3.12"], "Python 3.12"),
        (["3.9", "3.10"], "Python 3.9 to 3.10"),
        (["3.9", "3.12"], "Python 3.9, 3.12"),
        (["3.15"], "Python >= 3.15"),
    ],
)
def test_pythons_in_words(pythons: list[str], words: str) -> None:
    assert span(pythons) == words


@pytest.mark.parametrize(
    ("marker", "reason"),
    [
        ('python_version >= "3.13"', "httpx is in it for Python >= 3.13 only, and {} runs poolgate; use {}@3.13"),
        ('python_version < "3.8"', "httpx is in it for Python <= 3.7 only, and {} runs poolgate; use {}@3.6"),
        ('sys_platform == "win32"', "httpx is in it for Windows only, not for this machine; name httpx==0.28.1"),
    ],
)
def test_a_lock_of_another_python_says_which_one(poolgate: Poolgate, tmp_path: Path, marker: str, reason: str) -> None:
    (tmp_path / "pylock.toml").write_text(PYLOCK.format(marker=marker))
    spec = f"lock:{tmp_path}/pylock.toml"
    code, out, err = poolgate("affected", spec)
    assert (code, out) == (2, "")
    assert reason.format(RUNNING, spec) in err


def test_the_other_python_works(poolgate: Poolgate, tmp_path: Path) -> None:
    (tmp_path / "pylock.toml").write_text(PYLOCK.format(marker='python_version >= "3.13"'))
    code, out, _ = poolgate("affected", f"lock:{tmp_path}/pylock.toml@3.13")
    assert code == 1
    assert "not on 3.13" in out


@pytest.mark.parametrize(
    ("requires", "pythons", "note"),
    [
        (">=3.12, <3.14", ("3.12", "3.13"), "for Python 3.12: the lock requires >=3.12, <3.14"),
        (">=3.14", ("3.14", "3.15"), "for Python 3.14: the lock requires >=3.14"),
        (">=3.9", (RUNNING,), f"for Python {RUNNING}: the lock requires >=3.9"),
        (">=4", (RUNNING,), f"for Python {RUNNING}, which runs poolgate: it knows none that the lock allows (>=4)"),
    ],
)
@pytest.mark.skipif(RUNNING != "3.11", reason="the first Python that is allowed is the one that runs poolgate")
def test_the_python_comes_from_the_lock(tmp_path: Path, requires: str, pythons: tuple[str, ...], note: str) -> None:
    text = (DATA / "locks" / "newest" / "uv.lock").read_text()
    (tmp_path / "uv.lock").write_text(text.replace('requires-python = ">=3.11"', f'requires-python = "{requires}"'))
    target = parse(f"lock:{tmp_path}/uv.lock")
    assert (target.pythons, target.notes) == (pythons, (note,))


def test_a_python_that_is_asked_for_may_break_the_requirement(tmp_path: Path) -> None:
    target = parse(f"lock:{DATA}/locks/newest/uv.lock@3.8")
    assert target.pythons == ("3.8",)
    assert target.notes == ("for Python 3.8 as asked: the lock requires >=3.11",)


def test_a_python_that_does_not_exist_is_refused(poolgate: Poolgate) -> None:
    code, out, err = poolgate("affected", f"lock:{DATA}/locks/newest/uv.lock@3.99")
    assert (code, out) == (2, "")
    assert "'3.99' is not a Python that poolgate knows; choose one of 3.6, 3.7" in err

"""The hook for pre-commit: stored verdicts about the lock files of a commit."""

from __future__ import annotations

import re
import shlex

import pytest
import yaml
from conftest import DATA, ROOT

from poolgate.cli import pre_commit

(HOOK,) = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text())
LOCKS = DATA / "locks"


def test_the_entry_is_the_module() -> None:
    assert shlex.split(HOOK["entry"]) == ["python", "-m", pre_commit.__name__]


def test_the_hook_is_about_lock_files() -> None:
    names = ("uv.lock", "a/poetry.lock", "pdm.lock", "Pipfile.lock", "pylock.toml", "b/pylock.dev.toml")
    assert all(re.search(HOOK["files"], name) for name in (*names, "requirements.txt", "requirements-dev.txt"))
    assert not any(re.search(HOOK["files"], name) for name in ("my-uv.lock.md", "pyproject.toml", "Cargo.lock"))


def test_findings_stop_a_commit(capsys: pytest.CaptureFixture[str]) -> None:
    files = [str(LOCKS / "no-client" / "uv.lock"), str(LOCKS / "newest" / "uv.lock")]
    assert pre_commit.run(["--group=cost", *files]) == 1
    out, err = capsys.readouterr()
    assert out.startswith("affected: ")
    assert err == ""


def test_a_lock_without_a_client_is_passed_over(capsys: pytest.CaptureFixture[str]) -> None:
    assert pre_commit.run([str(LOCKS / "no-client" / "uv.lock")]) == 0
    assert capsys.readouterr() == ("", "")


def test_a_lock_that_can_not_be_read_is_an_error(capsys: pytest.CaptureFixture[str]) -> None:
    assert pre_commit.run([str(LOCKS / "absent.lock")]) == 2
    assert "absent.lock can't be read" in capsys.readouterr().err

"""A Git repository with a branch that changes the lock file, as a pull request does."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

from conftest import DATA

WHO = ("-c", "user.name=a", "-c", "user.email=a@example.org")


def upgrade(folder: Path, base: str, head: str) -> Path:
    """Return a repository whose `origin/main` and HEAD have the uv.lock of two folders of `tests/data/locks/`."""
    folder.mkdir()
    git(folder, "init", "--quiet", "--initial-branch=main")
    commit(folder, base)
    git(folder, "update-ref", "refs/remotes/origin/main", "HEAD")
    git(folder, "checkout", "--quiet", "-b", "upgrade")
    commit(folder, head)
    return folder


def commit(folder: Path, lock: str) -> None:
    """Commit one of the locks as uv.lock."""
    shutil.copy(DATA / "locks" / lock / "uv.lock", folder)
    git(folder, "add", "uv.lock")
    git(folder, *WHO, "commit", "--quiet", "--message", lock)


def git(folder: Path, *words: str) -> str:
    """Return what git prints; raises CalledProcessError if it fails."""
    command = ["git", "-C", str(folder), *words]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()

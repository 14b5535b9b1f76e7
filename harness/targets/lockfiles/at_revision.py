"""A file in a revision of its Git repository, read without a checkout."""

from __future__ import annotations

import subprocess
from pathlib import Path

from .reader import LockError


def content_at(path: Path, rev: str) -> bytes:
    """Return the bytes of a file in a revision; raises LockError if repository, revision or file is missing."""
    if not path.parent.is_dir():
        raise LockError(f"there is no directory {path.parent}; name a file of a Git repository")
    if _git(path, "rev-parse", "--git-dir") is None:
        raise LockError(f"{path.parent.absolute()} is not in a Git repository; leave ?rev= out, or name a file of one")
    if _git(path, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{rev}^{{commit}}") is None:
        raise LockError(f"{rev!r} is not a revision of that repository; `git fetch` it, or name another")
    content = _git(path, "show", "--end-of-options", f"{rev}:./{path.name}")
    if content is None:
        raise LockError(f"there is no {path.name} in revision {rev}; name another revision or file")
    return content


def _git(path: Path, *words: str) -> bytes | None:
    """Return the output of git, None if it fails."""
    try:
        asked = subprocess.run(["git", "-C", str(path.parent), *words], capture_output=True, check=False)
    except OSError as error:
        raise LockError(f"git can't be run ({error.strerror}): install it, or leave ?rev= out") from None
    return asked.stdout if asked.returncode == 0 else None

"""Commits of a local clone, read and built without touching the user's checkout.

Nothing of the repository runs here: no hooks, and no settings of its user's session. A commit's files are put into a
worktree of their own, in a temporary folder that is removed afterwards.
"""

from __future__ import annotations

import contextlib
import os
import re
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from packaging.version import InvalidVersion, Version

from ..catalogue.packages import PACKAGES
from ..errors import UsageError

_STATED = re.compile(r"""^__version__\s*=\s*["']([^"'\n]+)["']""", re.MULTILINE)
_VERSION_FILES = ("__version__.py", "__init__.py", "_version.py")
_BUILD_FILES = ("pyproject.toml", "setup.py", "setup.cfg")


@dataclass(frozen=True, slots=True)
class Revision:
    """A commit of a clone that holds one of our packages: `version` is what its tree states, without a local part."""

    clone: Path
    commit: str
    package: str
    version: str

    @property
    def local_version(self) -> str:
        """The version that tells it from a release, and from every other commit."""
        return f"{self.version}+g{self.commit[:12]}"


@dataclass(frozen=True, slots=True)
class Commit:
    """One commit in words: `date` is the day on which it was committed."""

    id: str
    date: str
    subject: str


def open_clone(path: str) -> Path:
    """The folder of a clone, bare or not; raises UsageError where there is none."""
    place = Path(path).expanduser().absolute()
    if not place.is_dir():
        raise UsageError(f"--git {path}: there is no such folder; name a local clone of httpcore, httpx or a fork")
    asked = _ask(place, "rev-parse", "--git-dir")
    if asked.returncode:
        raise UsageError(f"--git {path}: it is no Git repository; name a local clone of httpcore, httpx or a fork")
    return place


def resolve(clone: Path, revision: str) -> str:
    """The whole id of a commit; raises UsageError where the clone knows no such revision."""
    asked = _ask(clone, "rev-parse", "--verify", "--quiet", "--end-of-options", revision + "^{commit}")
    if asked.returncode:
        raise UsageError(f"{clone} has no commit {revision!r}; `git -C {clone} fetch --tags` may bring it")
    return asked.stdout.strip()


def revision_of(clone: Path, commit: str) -> Revision:
    """What a commit holds; raises UsageError where it is none of our packages, or states no version."""
    known = {f"{folder}{name}": name for folder in ("", "src/") for name in PACKAGES}
    found = _tell(clone, "ls-tree", "--name-only", "-d", commit, *known).splitlines()
    if not found:
        raise UsageError(f"{clone} at {commit[:12]} holds none of {', '.join(PACKAGES)} at its root or in src")
    stated = (_stated(clone, commit, f"{found[0]}/{name}") for name in _VERSION_FILES)
    version = next(filter(None, stated), None)
    if version is None:
        raise UsageError(f"{clone} at {commit[:12]}: {known[found[0]]} states no version that can be read")
    return Revision(clone, commit, known[found[0]], version)


def _stated(clone: Path, commit: str, path: str) -> str | None:
    shown = _ask(clone, "show", f"{commit}:{path}")
    match = _STATED.search(shown.stdout)
    try:
        return Version(match[1]).public if match else None
    except InvalidVersion:
        return None


def between(clone: Path, old: str, new: str, package: str) -> list[Commit]:
    """The commits after `old` up to `new` that change the package or how it is built, oldest first.

    Any other commit behaves as the one before it. Merges count as what they bring to the line of `new`.
    """
    paths = [f"{folder}{package}" for folder in ("", "src/")]
    form = "--format=%H%x00%cs%x00%s"
    walk = ("log", "--first-parent", "--reverse", form, f"{old}..{new}", "--", *paths, *_BUILD_FILES)
    lines = (line.split("\0") for line in _tell(clone, *walk).splitlines())
    return [Commit(*(_clean(word) for word in line)) for line in lines]


def describe(clone: Path, commit: str) -> Commit:
    """One commit in words."""
    words = _tell(clone, "log", "-1", "--format=%H%x00%cs%x00%s", commit).strip().split("\0")
    return Commit(*(_clean(word) for word in words))


def is_ancestor(clone: Path, old: str, new: str) -> bool:
    """Whether `new` was built on `old`."""
    return _ask(clone, "merge-base", "--is-ancestor", old, new).returncode == 0


@contextlib.contextmanager
def worktree(revision: Revision) -> Iterator[Path]:
    """The commit's files in a folder of their own, as long as the context lasts."""
    with tempfile.TemporaryDirectory(prefix="poolgate-", ignore_cleanup_errors=True) as folder:
        place = Path(folder) / revision.package
        try:
            _tell(revision.clone, "worktree", "add", "--quiet", "--force", "--detach", str(place), revision.commit)
            yield place
        finally:
            _ask(revision.clone, "worktree", "remove", "--force", str(place))
            _ask(revision.clone, "worktree", "prune")


def _ask(clone: Path, *words: str) -> subprocess.CompletedProcess[str]:
    # Under `git bisect run` Git's own variables say which repository; here the clone does.
    kept = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    command = ["git", "-C", str(clone), "-c", f"core.hooksPath={os.devnull}", "-c", "core.fsmonitor=false", *words]
    try:
        return subprocess.run(
            command,
            capture_output=True,
            text=True,
            errors="replace",
            env={**kept, "LC_ALL": "C", "GIT_TERMINAL_PROMPT": "0"},
            stdin=subprocess.DEVNULL,
            check=False,
        )
    except FileNotFoundError:
        raise UsageError("there is no git on PATH: install it, or bisect releases with --line") from None


def _tell(clone: Path, *words: str) -> str:
    told = _ask(clone, *words)
    if told.returncode:
        why = " ".join(told.stderr.split())[:300]
        raise UsageError(f"git {words[0]} failed in {clone}: {why or 'without a word'}")
    return told.stdout


def _clean(word: str) -> str:
    """Nothing that a subject line may hold reaches a terminal but its text."""
    return "".join(letter for letter in word if letter.isprintable())[:200]

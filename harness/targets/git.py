"""Commits of a local clone, read and checked out apart from the user's checkout.

Nothing of the repository runs: no hooks, and no Git variables of the user's session. A commit is checked out into a
worktree in a temporary folder, which is removed afterwards.
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
_MARKED = re.compile(r"^# (good|bad): \[([0-9a-f]{40,64})\]", re.MULTILINE)
_BUILD_FILES = ("pyproject.toml", "setup.py", "setup.cfg")


@dataclass(frozen=True, slots=True)
class Revision:
    """A commit that contains one of the packages; `version` is the one that its tree states, without a local part."""

    clone: Path
    commit: str
    package: str
    version: str

    @property
    def local_version(self) -> str:
        """Return a version that differs from those of releases and of other commits."""
        return f"{self.version}+g{self.commit[:12]}"


@dataclass(frozen=True, slots=True)
class Commit:
    """The description of a commit; `date` is the day of the commit."""

    id: str
    date: str
    subject: str


def open_clone(path: str) -> Path:
    """Return the folder of a clone, bare or not; raises UsageError if it is not a repository."""
    place = Path(path).expanduser().absolute()
    if not place.is_dir():
        raise UsageError(f"--git {path}: there is no such folder; name a local clone of httpcore, httpx or a fork")
    asked = _ask(place, "rev-parse", "--git-dir")
    if asked.returncode:
        raise UsageError(f"--git {path}: it is not a Git repository; name a local clone of httpcore, httpx or a fork")
    return place


def resolve(clone: Path, revision: str) -> str:
    """Return the full id of a commit; raises UsageError if the clone does not have the revision."""
    asked = _ask(clone, "rev-parse", "--verify", "--quiet", "--end-of-options", revision + "^{commit}")
    if asked.returncode:
        raise UsageError(f"{clone} has no commit {revision!r}; `git -C {clone} fetch --tags` may bring it")
    return asked.stdout.strip()


def revision_of(clone: Path, commit: str) -> Revision:
    """Return the package and version of a commit; raises UsageError if it has none of the packages or no version."""
    known = {f"{folder}{name}": name for folder in ("", "src/") for name in PACKAGES}
    found = _output(clone, "ls-tree", "--name-only", "-d", commit, *known).splitlines()
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
    """Return the commits after `old` up to `new` that change the package or its build files, oldest first.

    Other commits behave like the one before them. A merge counts as one change of the first-parent line of `new`.
    """
    paths = [f"{folder}{package}" for folder in ("", "src/")]
    form = "--format=%H%x00%cs%x00%s"
    walk = ("log", "--first-parent", "--reverse", form, f"{old}..{new}", "--", *paths, *_BUILD_FILES)
    lines = (line.split("\0") for line in _output(clone, *walk).splitlines())
    return [Commit(*(_clean(word) for word in line)) for line in lines]


def describe(clone: Path, commit: str) -> Commit:
    """Return the description of a commit."""
    words = _output(clone, "log", "-1", "--format=%H%x00%cs%x00%s", commit).strip().split("\0")
    return Commit(*(_clean(word) for word in words))


def bisected(clone: Path) -> tuple[str, str]:
    """Return the first good and the first bad commit of the `git bisect` that goes on in a clone; empty without one.

    They are the ends that the user named: Git marks each commit that it has judged good as well.
    """
    marked = dict(reversed(_MARKED.findall(_ask(clone, "bisect", "log").stdout)))
    return marked.get("good", ""), marked.get("bad", "")


def count_between(clone: Path, old: str, new: str) -> int:
    """Return how many commits `new` has that `old` does not have."""
    return int(_output(clone, "rev-list", "--count", f"{old}..{new}"))


def is_ancestor(clone: Path, old: str, new: str) -> bool:
    """Return True if `old` is an ancestor of `new`."""
    return _ask(clone, "merge-base", "--is-ancestor", old, new).returncode == 0


@contextlib.contextmanager
def worktree(revision: Revision) -> Iterator[Path]:
    """Check out a commit into a temporary folder that exists within the context."""
    with tempfile.TemporaryDirectory(prefix="poolgate-", ignore_cleanup_errors=True) as folder:
        place = Path(folder) / revision.package
        try:
            _output(revision.clone, "worktree", "add", "--quiet", "--force", "--detach", str(place), revision.commit)
            yield place
        finally:
            _ask(revision.clone, "worktree", "remove", "--force", str(place))
            _ask(revision.clone, "worktree", "prune")


def _ask(clone: Path, *words: str) -> subprocess.CompletedProcess[str]:
    # Under `git bisect run`, Git's own variables name another repository than the clone.
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


def _output(clone: Path, *words: str) -> str:
    asked = _ask(clone, *words)
    if asked.returncode:
        why = " ".join(asked.stderr.split())[:300]
        raise UsageError(f"git {words[0]} failed in {clone}: {why or 'no error message'}")
    return asked.stdout


def _clean(word: str) -> str:
    """Return the printable characters of a subject line, for a terminal."""
    return "".join(letter for letter in word if letter.isprintable())[:200]

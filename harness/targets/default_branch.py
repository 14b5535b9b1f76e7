"""The lock file of a working tree, and the commit at which its branch left the default branch.

Git is only asked: no hook runs, and nothing is checked out.
"""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

from ..errors import UsageError
from .lockfiles.lock_file import home
from .lockfiles.lock_spec import lock_spec_of
from .spec import LOCK

LOCKS = ("uv.lock", "poetry.lock", "pdm.lock", "Pipfile.lock", "pylock.toml", "requirements*.txt")
"""The names of lock files, in the order in which they are listed."""

BRANCHES = ("origin/HEAD", "origin/main", "origin/master", "main", "master", "@{upstream}")
"""The names under which a default branch is searched, the best first; the branch's own copy on a remote is none."""

_NAMED = "name both sides: poolgate gate --base lock:uv.lock?rev=main --head lock:uv.lock"


def lock_here(folder: Path) -> str:
    """Return the `lock:` SPEC of the one lock file in a folder, else of the one at the top of its repository.

    Raises UsageError if there is none, or more than one.
    """
    top = _git(folder, "rev-parse", "--show-toplevel")
    for place in dict.fromkeys([folder, Path(top) if top else folder]):
        found = [path for pattern in LOCKS for path in sorted(place.glob(pattern)) if path.is_file()]
        if len(found) > 1:
            names = ", ".join(path.name for path in found)
            first = f"{LOCK}{_shown(found[0], folder)}"
            raise UsageError(
                f"there are several lock files, {names}: name one, as --base {first}?rev=main --head {first}"
            )
        if found:
            return f"{LOCK}{_shown(found[0], folder)}"
    raise UsageError(f"there is no lock file here ({', '.join(LOCKS)}); {_below(folder) or _NAMED}")


def _below(folder: Path) -> str | None:
    """Return what to do where lock files are in folders below, as in a repository of several projects."""
    listed = _git(folder, "ls-files", "--", *(f":(glob)**/{pattern}" for pattern in LOCKS))
    found = listed.splitlines() if listed else []
    if not found:
        return None
    more = f" and {len(found) - 3} more" if len(found) > 3 else ""
    return f"below are {', '.join(found[:3])}{more}: name one, as --head {LOCK}{found[0]}"


def at_merge_base(lock: str, folder: Path) -> tuple[str, tuple[str, ...]]:
    """Return the `lock:` SPEC of a lock file at the merge base of HEAD with the default branch, and a note on it.

    The note says that HEAD is the merge base, so that no commit is compared. Raises UsageError.
    """
    if not lock.startswith(LOCK) or "?" in lock:
        raise UsageError(f"{lock} is not a lock of the working tree, so its base has to be named: --base SPEC")
    if _git(folder, "rev-parse", "--git-dir") is None:
        raise UsageError(f"{folder} is not in a Git repository; {_NAMED}")
    if _git(folder, "rev-parse", "--verify", "--quiet", "HEAD^{commit}") is None:
        raise UsageError(f"this Git repository has no commit yet; {_NAMED}")
    branch = next((name for name in BRANCHES if _is_default(folder, name)), None)
    if branch is None:
        raise UsageError(
            f"there is no default branch ({', '.join(BRANCHES)}): `git fetch` it, such as "
            f"`git fetch origin main:refs/remotes/origin/main`, or name the base, as --base {lock}?rev=BRANCH"
        )
    commit = _git(folder, "merge-base", "HEAD", branch)
    if commit is None:
        raise UsageError(
            f"HEAD has no merge base with {branch}: `git fetch --unshallow`, or name --base {lock}?rev=REV"
        )
    path = _shown(home(Path(lock_spec_of(lock).path)), folder)
    if _git(folder, "cat-file", "-e", f"{commit}:./{path}") is None:
        raise UsageError(_new(path, commit[:12], folder))
    at_head = commit == _git(folder, "rev-parse", "HEAD")
    note = f"HEAD is in {branch}: only what is not committed is compared; name another base with --base {lock}?rev=REV"
    return f"{lock}?rev={commit[:12]}", (note,) if at_head else ()


def _new(name: str, commit: str, folder: Path) -> str:
    """Return what to do about a lock file that the merge base does not have: name another one that it has."""
    listed = _git(folder, "ls-tree", "--name-only", commit, "--", f"./{Path(name).parent.as_posix()}/") or ""
    found = [path for path in listed.splitlines() if any(Path(path).match(pattern) for pattern in LOCKS)]
    base = f"{LOCK}{found[0]}?rev={commit}" if found else "SPEC"
    return f"there is no {name} in revision {commit}, where the branch began: name the base, as --base {base}"


def _is_default(folder: Path, name: str) -> bool:
    """Return whether a name is that of a branch, and not of the remote copy of the branch that is checked out."""
    if _git(folder, "rev-parse", "--verify", "--quiet", name) is None:
        return False
    if name != BRANCHES[-1]:
        return True
    here, there = (_git(folder, "rev-parse", "--abbrev-ref", each) or "" for each in ("HEAD", name))
    return there != here and not there.endswith(f"/{here}")


def _shown(path: Path, folder: Path) -> str:
    return os.path.relpath(folder / path, folder)


def _git(folder: Path, *words: str) -> str | None:
    """Return the output of git without its line end, None if it fails."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    command = ["git", "-C", str(folder), "-c", "core.fsmonitor=false", *words]
    try:
        asked = subprocess.run(command, capture_output=True, text=True, errors="replace", env=kept, check=False)
    except OSError as error:
        raise UsageError(f"git can't be run ({error.strerror}): install it, or {_NAMED}") from None
    return asked.stdout.strip() if asked.returncode == 0 else None

"""Git repositories for tests: one release of a package a commit, from what is installed in its environment."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

from support.environments import built

_PROJECT = """\
[build-system]
requires = ["setuptools"]
build-backend = "setuptools.build_meta"

[project]
name = "httpcore"
version = "{version}"
dependencies = ["certifi", "h11>=0.13"]

[tool.setuptools]
packages = {{ find = {{ include = ["httpcore*"] }} }}
"""


def git(clone: Path, *words: str) -> str:
    """Run git in a clone, with a fixed identity."""
    identity = ("-c", "user.name=Author", "-c", "user.email=author@example.org", "-c", "commit.gpgsign=false")
    command = ["git", "-C", str(clone), *identity, *words]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()


def commit(clone: Path, subject: str) -> str:
    """Commit everything; returns the commit's id.

    The index is emptied first: git compares sizes and times, to the second, before it reads a file again, and two
    releases may have a file of equal size whose time is that of its wheel.
    """
    git(clone, "read-tree", "--empty")
    git(clone, "add", "--all")
    git(clone, "commit", "--quiet", "--allow-empty", "--message", subject)
    return git(clone, "rev-parse", "HEAD")


def clone_of(place: Path, versions: list[str]) -> dict[str, str]:
    """A repository with a commit for each release of httpcore; returns the ids by version."""
    place.mkdir(parents=True)
    git(place, "init", "--quiet", "--initial-branch", "main")
    return {version: released(place, version) for version in versions}


def released(place: Path, version: str) -> str:
    """Commit a release on top; returns the commit's id."""
    (package,) = Path(built(f"httpcore=={version}").interpreter).parents[1].glob("lib/python3*/site-packages/httpcore")
    shutil.rmtree(place / "httpcore", ignore_errors=True)
    shutil.copytree(package, place / "httpcore", ignore=shutil.ignore_patterns("__pycache__"))
    (place / "pyproject.toml").write_text(_PROJECT.format(version=version))
    return commit(place, f"Version {version}")

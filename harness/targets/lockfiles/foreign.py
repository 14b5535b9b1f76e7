"""Files that are often taken for a lock: what each one is, and what to name instead. None of them is read."""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Any

PINNED = "uv.lock, pylock.toml, poetry.lock, pdm.lock, Pipfile.lock or requirements with pins"
"""The formats that are read."""

_LOCK = "name its lock instead, such as uv.lock (`uv lock` writes it)"
_FREEZE = "run `python -m pip list --format=freeze > requirements.txt` in the environment and name that file"
_PIXI = "name its environment, as python:.pixi/envs/default, or export one with `pixi run pip list --format=freeze`"
_OTHER = f"of another language than Python: name {PINNED}"

_HEADS: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"<{7} "), "it has a merge conflict: resolve it, and lock again"),
    (re.compile(r"@EXPLICIT\b"), f"it is an explicit list of conda: {_FREEZE}"),
    (re.compile(r"[\w.-]+=[\w.!+]+=\w+[ \t]*$"), f"it is an export of `conda list`: {_FREEZE}"),
    (
        re.compile(r"[A-Za-z0-9][\w.-]*[ \t]+v?\d[\w.!+]*(?:[ \t]|$)"),
        f"it is a list of packages in columns, as `pip list` or `conda list` prints it: {_FREEZE}",
    ),
    (re.compile(r"(?:from|import) [\w.]+"), f"it is a Python program, such as setup.py: {_LOCK}"),
    (re.compile(r"FROM \S+"), f"it is a Dockerfile: name the lock that it installs: {PINNED}"),
    (re.compile(r"<(?:!DOCTYPE|html|\?xml)"), "it is HTML or XML, such as a page about a file: name the file itself"),
)
_KEYS: tuple[tuple[set[str], str], ...] = (
    ({"package", "metadata"}, f"it is a conda-lock file: {_FREEZE}"),
    ({"packages", "environments"}, f"it is a pixi.lock: {_PIXI}"),
    ({"lockfileVersion"}, f"it is a lock {_OTHER}"),
    ({"dependencies"}, f"it is a conda environment: {_FREEZE}"),
    (set(), f"it is YAML, and no lock of Python packages: name {PINNED}"),
)
_TOML: tuple[tuple[set[str], str], ...] = (
    ({"project"}, f"it is a pyproject.toml, which has ranges and no pins: {_LOCK}"),
    ({"build-system"}, f"it is a pyproject.toml, which has ranges and no pins: {_LOCK}"),
    ({"tool"}, f"it is a pyproject.toml, which has ranges and no pins: {_LOCK}"),
    ({"dependency-groups"}, f"it is a pyproject.toml, which has ranges and no pins: {_LOCK}"),
    ({"workspace"}, f"it is a pixi.toml, which has ranges and no pins: {_PIXI}"),
    ({"packages"}, "it is a Pipfile, which has ranges and no pins: name its Pipfile.lock (`pipenv lock` writes it)"),
)
_JSON: tuple[tuple[set[str], str], ...] = (
    ({"lockfileVersion"}, f"it is a lock {_OTHER}"),
    ({"devDependencies"}, f"it is a package.json {_OTHER}"),
    ({"name", "version"}, f"it is a package.json {_OTHER}"),
    ({"dependencies"}, f"it is a package.json {_OTHER}"),
    ({"pip_version"}, f"it is a report of pip: {_FREEZE}"),
)
_INI = {"metadata", "options", "options.extras_require", "tox", "testenv", "flake8", "bdist_wheel"}
_KEY = re.compile(r"^(?P<key>[\w-]+):(?:[ \t]|$)")
_TABLE = re.compile(r"^\[(?P<table>[^\[\]\"']+)\]")


def foreign_text(text: str) -> str | None:
    """Return what a text is that is neither TOML nor JSON; None for what may be requirements."""
    lines = [line for line in text.splitlines() if line and line[0] not in " \t-#"]
    for line in lines:
        if said := next((said for head, said in _HEADS if head.match(line)), None):
            return said
    keys = {found["key"] for line in lines if (found := _KEY.match(line))}
    return _first(_KEYS, keys) if keys else None


def foreign_ini(text: str) -> str | None:
    """Return what a text is that has tables and is not TOML; None if it is not known."""
    heads = {found["table"] for line in text.splitlines() if (found := _TABLE.match(line))}
    return f"it is a setup.cfg or tox.ini, which has ranges and no pins: {_LOCK}" if heads & _INI else None


def foreign_toml(document: dict[str, Any]) -> str:
    """Return what a TOML document is that is not a lock of Python packages."""
    return _first(_TOML, document) or f"it is TOML, but not a lock of Python packages: name {PINNED}"


def foreign_json(document: object) -> str:
    """Return what a JSON document is that is not a Pipfile.lock."""
    if isinstance(document, list) and document and all(isinstance(each, dict) for each in document):
        return f"it is a list of packages as JSON: {_FREEZE}"
    known = _first(_JSON, document) if isinstance(document, dict) else None
    return known or f"it is JSON, but not a Pipfile.lock: name {PINNED}"


def _first(known: tuple[tuple[set[str], str], ...], keys: Collection[str]) -> str | None:
    return next((said for wanted, said in known if wanted <= set(keys)), None)

"""Lock files as targets: `lock:PATH`, or `lock:PATH?rev=GITREV` for the file as it was in a revision.

Four formats are told apart by what is in the file, not by its name: people rename them. Of what is locked only the
packages that matter to a pool are kept; markers are evaluated for the interpreter that runs poolgate.
"""

from __future__ import annotations

import importlib
import re
import tomllib
from pathlib import Path

from packaging.markers import default_environment

from ...catalogue.packages import CLIENTS, RELEVANT
from ...paths import read_at_most
from .at_revision import content_at
from .reader import Locked, LockError, Reader

MOST = 64 * 1024 * 1024
"""Bytes that a lock may have; the largest that people write have some millions."""
_SPEC = re.compile(r"^lock:(?P<path>[^?]+)(?:\?rev=(?P<rev>[^?]+))?$")


def read_lock(spec: str) -> tuple[tuple[str, str], ...]:
    """The pins (name, version) of a `lock:` SPEC that matter to a pool, sorted; raises LockError with what to do."""
    matched = _SPEC.match(spec)
    if matched is None:
        raise LockError(f"{spec!r} is no lock target; write lock:PATH or lock:PATH?rev=GITREV")
    try:
        return pins_of(_text(_home(Path(matched["path"])), matched["rev"]))
    except LockError as error:
        raise LockError(f"{spec}: {error}") from None


def pins_of(text: str) -> tuple[tuple[str, str], ...]:
    """The pins of a lock file's text that matter to a pool, sorted; raises LockError."""
    environment = {name: str(value) for name, value in default_environment().items()}
    try:
        kept = [locked for locked in _reader(text).read(text, environment) if locked.name in RELEVANT]
    except RecursionError:
        raise LockError("it is nested too deeply to be read; lock it anew") from None
    if not {locked.name for locked in kept} & set(CLIENTS):
        raise LockError(f"none of {', '.join(CLIENTS)} is in it for this Python; name a lock that has one")
    for name in sorted({locked.name for locked in kept}):
        _check(name, [locked for locked in kept if locked.name == name])
    return tuple(sorted({(locked.name, locked.version) for locked in kept}))


def _check(name: str, entries: list[Locked]) -> None:
    versions = sorted({locked.version for locked in entries})
    if elsewhere := next((locked.elsewhere for locked in entries if locked.elsewhere), None):
        told = "what is no release can be measured where it is installed, as python:PATH"
        raise LockError(f"{name} comes from {elsewhere}: {told}")
    if len(versions) > 1:
        told = "its markers leave both for this Python; name the pins, such as"
        raise LockError(f"{name} has two versions, {' and '.join(versions)}: {told} {name}=={versions[-1]}")
    if not versions[0]:
        raise LockError(f"{name} is not pinned; lock it, such as with `uv lock` or `uv pip compile`")


def _home(path: Path) -> Path:
    try:
        return path.expanduser()
    except RuntimeError:
        raise LockError(f"nobody's home is called {path.parts[0]}; write the whole path") from None


def _text(path: Path, rev: str | None) -> str:
    try:
        return (read_at_most(path, MOST) if rev is None else content_at(path, rev)).decode()
    except OSError as error:
        raise LockError(f"{path} can't be read: {error.strerror}") from None
    except ValueError:
        raise LockError("it is no text in UTF-8; name a lock file") from None


def _reader(text: str) -> Reader:
    """The reader for a text, by its keys where it is TOML; pinned requirements are what is left."""
    module = importlib.import_module(f".{_format_of(text)}", __package__)
    reader: Reader = module
    return reader


def _format_of(text: str) -> str:
    try:
        document = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        if _looks_like_toml(text):
            raise LockError(f"it can't be read as TOML: {error}") from None
        return "requirements"
    if "lock-version" in document:
        return "pylock"
    metadata = document.get("metadata")
    if isinstance(metadata, dict) and "lock-version" in metadata:
        return "poetry"
    if "version" in document:
        return "uv"
    if document:
        raise LockError("it is TOML, but no uv.lock, pylock.toml or poetry.lock; name a lock file")
    return "requirements"


def _looks_like_toml(text: str) -> bool:
    """Whether a text that is not TOML was meant to be: a table's head or an assignment stands alone on a line."""
    return re.search(r"^\s*(\[\[?[\w.\"-]+\]\]?|[\w-]+\s*=[^=].*)\s*$", text, re.MULTILINE) is not None

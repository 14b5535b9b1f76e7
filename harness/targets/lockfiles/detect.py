"""Detection of a lock file's format, and its pins: `lock:PATH`, or `lock:PATH?rev=GITREV` for a Git revision.

The four formats are distinguished by content, because lock files are often renamed. Only the packages that matter to a
pool are read; markers are evaluated for the interpreter that runs poolgate.
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
"""Maximum size of a lock in bytes; the largest known ones have a few million."""
_SPEC = re.compile(r"^lock:(?P<path>[^?]+)(?:\?rev=(?P<rev>[^?]+))?$")


def read_lock(spec: str) -> tuple[tuple[str, str], ...]:
    """Return the pins (name, version) of a `lock:` SPEC that matter to a pool, sorted; raises LockError."""
    matched = _SPEC.match(spec)
    if matched is None:
        raise LockError(f"{spec!r} is not a lock target; write lock:PATH or lock:PATH?rev=GITREV")
    try:
        return pins_of(_text(_home(Path(matched["path"])), matched["rev"]))
    except LockError as error:
        raise LockError(f"{spec}: {error}") from None


def pins_of(text: str) -> tuple[tuple[str, str], ...]:
    """Return the pins of a lock file's text that matter to a pool, sorted; raises LockError."""
    environment = {name: str(value) for name, value in default_environment().items()}
    try:
        kept = [locked for locked in _reader(text).read(text, environment) if locked.name in RELEVANT]
    except RecursionError:
        raise LockError("it is nested too deeply to be read; regenerate the lock file") from None
    if not {locked.name for locked in kept} & set(CLIENTS):
        raise LockError(f"none of {', '.join(CLIENTS)} is in it for this Python; name a lock that has one")
    for name in sorted({locked.name for locked in kept}):
        _check(name, [locked for locked in kept if locked.name == name])
    return tuple(sorted({(locked.name, locked.version) for locked in kept}))


def _check(name: str, entries: list[Locked]) -> None:
    versions = sorted({locked.version for locked in entries})
    if elsewhere := next((locked.elsewhere for locked in entries if locked.elsewhere), None):
        hint = "install it in an environment and name that, as python:PATH"
        raise LockError(f"{name} comes from {elsewhere}, which is not a registry: {hint}")
    if len(versions) > 1:
        hint = "its markers allow both on this Python; name the pins, such as"
        raise LockError(f"{name} has two versions, {' and '.join(versions)}: {hint} {name}=={versions[-1]}")
    if not versions[0]:
        raise LockError(f"{name} is not pinned; lock it, such as with `uv lock` or `uv pip compile`")


def _home(path: Path) -> Path:
    try:
        return path.expanduser()
    except RuntimeError:
        raise LockError(f"unknown user {path.parts[0]}; use an absolute path") from None


def _text(path: Path, rev: str | None) -> str:
    try:
        return (read_at_most(path, MOST) if rev is None else content_at(path, rev)).decode()
    except OSError as error:
        raise LockError(f"{path} can't be read: {error.strerror}") from None
    except ValueError:
        raise LockError("it is not UTF-8 text; name a lock file") from None


def _reader(text: str) -> Reader:
    """Return the reader for a text: by its keys if it is TOML, else the one for requirements."""
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
        raise LockError("it is TOML, but not a uv.lock, pylock.toml or poetry.lock; name a lock file")
    return "requirements"


def _looks_like_toml(text: str) -> bool:
    """Return True if an invalid text has a line of TOML: only a table's head or an assignment."""
    return re.search(r"^\s*(\[\[?[\w.\"-]+\]\]?|[\w-]+\s*=[^=].*)\s*$", text, re.MULTILINE) is not None

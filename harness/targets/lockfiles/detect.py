"""Detection of a lock file's format.

Every format is recognised by what it has, because lock files are often renamed. What is left is named, or refused.
"""

from __future__ import annotations

import importlib
import json
import re
from typing import Protocol, cast

from .foreign import foreign_ini, foreign_json, foreign_text, foreign_toml
from .lock_file import LockFile
from .reader import Document, LockError, Table

_TABLE = re.compile(r"^[ \t]*\[\[?[ \t]*[\w.\"'-]+[ \t]*\]\]?[ \t]*(?:#.*)?$", re.MULTILINE)
_ASSIGNMENT = re.compile(r"^[ \t]*[A-Za-z][\w-]*[ \t]*=[ \t]*(?:[\"'\[{]|\d+[ \t]*$)", re.MULTILINE)


class _Reader(Protocol):
    """A module that reads one format of TOML or JSON."""

    def read(self, document: Table) -> Document:
        """Return the lock; raises LockError."""
        ...


def document_of(text: str, file: LockFile | None = None) -> Document:
    """Return the lock of a text; `file` has the files that requirements include. Raises LockError."""
    try:
        return _document_of(text, file)
    except RecursionError:
        raise LockError("it is nested too deeply to be read; regenerate the lock file") from None


def _document_of(text: str, file: LockFile | None) -> Document:
    if not text.strip():
        raise LockError("it is empty; name a lock file")
    if text.lstrip().startswith("{"):
        return _from_json(text)
    if re.search(r"^<{7} ", text, re.MULTILINE) or not (_TABLE.search(text) or _ASSIGNMENT.search(text)):
        return _from_lines(text, file)
    return _from_toml(text)


def _from_json(text: str) -> Document:
    try:
        document = json.loads(text)
    except ValueError as error:
        raise LockError(f"it can't be read as JSON: {error}") from None
    if "_meta" in document and "default" in document:
        return _reader("pipfile").read(document)
    raise LockError(foreign_json(document))


def _from_toml(text: str) -> Document:
    # Imported late: most answers read no TOML.
    import tomli

    try:
        document = tomli.loads(text)
    except RecursionError:
        raise LockError("it can't be read as TOML: it is nested too deeply") from None
    except ValueError as error:
        raise LockError(foreign_ini(text) or f"it can't be read as TOML: {error}") from None
    return _reader(_format_of(document)).read(document)


def _format_of(document: Table) -> str:
    """Return the name of the reader for a TOML document; raises LockError for one that is not a lock."""
    metadata = document.get("metadata")
    within = metadata if isinstance(metadata, dict) else {}
    if "lock-version" in document:
        return "pylock"
    if "lock_version" in within:
        return "pdm"
    if "lock-version" in within or {"content-hash", "python-versions"} <= within.keys():
        return "poetry"
    if _is_cargo(document):
        raise LockError("it is a Cargo.lock, of another language than Python: name a lock of Python packages")
    if "version" in document and {"package", "requires-python", "revision"} & document.keys():
        return "uv"
    raise LockError(foreign_toml(document))


def _is_cargo(document: Table) -> bool:
    packages = document.get("package")
    return isinstance(packages, list) and any(
        isinstance(package, dict) and ("checksum" in package or "registry+" in str(package.get("source")))
        for package in packages
    )


def _from_lines(text: str, file: LockFile | None) -> Document:
    if what := foreign_text(text):
        raise LockError(what)
    if text.lstrip().startswith("["):
        raise LockError(foreign_json(_loaded(text)))
    from .requirements import read

    return read(text, file)


def _loaded(text: str) -> object:
    try:
        return json.loads(text)
    except ValueError as error:
        raise LockError(f"it can't be read as JSON: {error}") from None


def _reader(name: str) -> _Reader:
    """Return the reader of a format, which is imported only when needed."""
    return cast(_Reader, importlib.import_module(f".{name}", __package__))

"""The text of a lock file, of the working tree or of a Git revision, and of the files that it includes."""

from __future__ import annotations

import codecs
import subprocess
from dataclasses import dataclass
from pathlib import Path

from ...paths import read_at_most
from .reader import LockError

MOST = 64 * 1024 * 1024
"""Maximum size of a lock in bytes; the largest known ones have a few million."""

_MARKS = {codecs.BOM_UTF8: "utf-8-sig", codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}
_BINARY = {
    b"PK\x03\x04": "a zip archive or a wheel",
    b"\x1f\x8b": "a gzip archive",
    b"SQLite": "an SQLite database",
    b"\x7fELF": "a program",
}


@dataclass(frozen=True, slots=True)
class LockFile:
    """A file by its path; `rev` is a Git revision, or empty for the working tree."""

    path: Path
    rev: str = ""

    def text(self) -> str:
        """Return the text, in UTF-8 or UTF-16; raises LockError if it can't be read, or is not text."""
        try:
            content = _content_at(self.path, self.rev) if self.rev else read_at_most(self.path, MOST)
        except (OSError, ValueError) as error:
            why = error.strerror if isinstance(error, OSError) else "it is not a path"
            raise LockError(f"{self.path} can't be read: {why}") from None
        return decoded(content)

    def sibling(self, name: str) -> LockFile:
        """Return a file that this one names, relative to its own folder; raises LockError if there is no such file."""
        path = self.path.parent / name
        if not self.rev and not path.is_file():
            raise LockError(f"it includes {name}, and there is no such file; name a lock that stands alone")
        return LockFile(path, self.rev)


def home(path: Path) -> Path:
    """Return a path with the folder of a user for its `~`; raises LockError if there is no such user."""
    try:
        return path.expanduser()
    except RuntimeError:
        raise LockError(f"unknown user {path.parts[0]}; use an absolute path") from None


def decoded(content: bytes) -> str:
    """Return the text of a file by its byte order mark, else as UTF-8; raises LockError for what is not text."""
    if what := next((what for head, what in _BINARY.items() if content.startswith(head)), None):
        raise LockError(f"it is {what}, not text; name a lock file")
    encoding = next((encoding for mark, encoding in _MARKS.items() if content.startswith(mark)), _usual(content))
    try:
        text = content.decode(encoding)
    except ValueError:
        raise LockError("it is neither UTF-8 nor UTF-16 text; name a lock file") from None
    if "\0" in text:
        raise LockError("it is binary, not text; name a lock file")
    return text


def _usual(content: bytes) -> str:
    """Return the encoding of a text without a byte order mark, which begins with an ASCII character."""
    return {(False, True): "utf-16-le", (True, False): "utf-16-be"}.get(
        (content[:1] == b"\0", content[1:2] == b"\0"), "utf-8"
    )


def _content_at(path: Path, rev: str) -> bytes:
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

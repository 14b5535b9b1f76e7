"""The Python files below a path: read as bytes, and parsed only where a word concerns clients, tasks or threads."""

from __future__ import annotations

import ast
import gc
import os
import warnings
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from ....errors import UsageError
from ..answer import Unread

SKIPPED = {
    ".git": "version control",
    ".hg": "version control",
    ".svn": "version control",
    ".venv": "installed packages",
    "venv": "installed packages",
    "site-packages": "installed packages",
    "node_modules": "installed packages",
    ".tox": "installed packages",
    ".nox": "installed packages",
    "__pypackages__": "installed packages",
    "__pycache__": "compiled files",
    ".mypy_cache": "a cache",
    ".ruff_cache": "a cache",
    ".pytest_cache": "a cache",
}
"""Folders below the path that are not the program, with the reason."""
QUIET = {"__pycache__", ".mypy_cache", ".ruff_cache", ".pytest_cache"}
"""Skipped folders without any source, which no answer has to name."""
LARGEST = 1_000_000
"""The largest file in bytes that is parsed: the parser takes a second for each megabyte."""
WIDE = 64
"""The first bytes of a file that show whether each letter takes two: Python can't run such a file."""


@dataclass(frozen=True, slots=True)
class Source:
    """A parsed file; `parts` is its path below the root, `place` how a reader finds it from the working folder."""

    place: str
    parts: tuple[str, ...]
    tree: ast.Module


@dataclass(slots=True)
class Sources:
    """All files of a program: parsed, unread and skipped; `plain` have no function and no word that matters."""

    parsed: list[Source] = field(default_factory=list)
    plain: list[tuple[str, ...]] = field(default_factory=list)
    looked_at: int = 0
    unread: list[Unread] = field(default_factory=list)
    skipped: list[Unread] = field(default_factory=list)


def read_sources(path: Path, words: Iterable[bytes]) -> Sources:
    """Return the files of a program; those without one of the words are not parsed. Raises UsageError."""
    if not path.exists():
        raise UsageError(f"--code {path}: there is no such file or folder; name the folder of the program's source")
    sources = Sources()
    root = path if path.is_dir() else path.parent
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for file in _files(path, sources):
            _read(file, root, words, sources)
    return sources


@contextmanager
def without_collector() -> Iterator[None]:
    """Read a program without the cyclic collector: its trees have no garbage, and visiting them doubles the time."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


def _files(path: Path, sources: Sources) -> Iterator[Path]:
    """Yield the Python files of a path in order; links to folders are not followed, so that no loop arises."""
    if not path.is_dir():
        yield path
        return
    for folder, below, names in os.walk(path, onerror=lambda error: _refuse(sources, error)):
        here = Path(folder)
        below[:] = [name for name in sorted(below) if not _is_skipped(here / name, sources)]
        yield from (here / name for name in sorted(names) if name.endswith((".py", ".pyw")))


def _refuse(sources: Sources, error: OSError) -> None:
    sources.unread.append(Unread(path=shown(Path(error.filename or "")), why=error.strerror or "can't be read"))


def _is_skipped(folder: Path, sources: Sources) -> bool:
    why = SKIPPED.get(folder.name)
    if why is None and folder.is_symlink():
        why = "a link to a folder"
    if why is None and (folder / "pyvenv.cfg").exists():
        why = "installed packages"
    if why is not None and folder.name not in QUIET:
        sources.skipped.append(Unread(path=shown(folder), why=why))
    return why is not None


def _read(file: Path, root: Path, words: Iterable[bytes], sources: Sources) -> None:
    """Parse a file, or record why it can't be parsed."""
    sources.looked_at += 1
    try:
        if not file.is_file():
            raise OSError("not a regular file")
        data = file.read_bytes()
        if (
            not any(word in data for word in words)
            and b"\0" not in data[:WIDE]
            and not (b"import" in data and b"class " not in data)
        ):
            sources.plain.append(file.relative_to(root).with_suffix("").parts)
            return
        if len(data) > LARGEST:
            raise OSError(f"larger than {LARGEST // 1_000_000} MB")
        tree = ast.parse(data)
    except (OSError, SyntaxError, ValueError, RecursionError, MemoryError) as error:
        sources.unread.append(Unread(path=shown(file), why=_reason(error)))
        return
    sources.parsed.append(Source(shown(file), file.relative_to(root).with_suffix("").parts, tree))


def _reason(error: Exception) -> str:
    """Return why a file can't be parsed, on one line."""
    if isinstance(error, RecursionError | MemoryError):
        return "nested too deeply"
    if isinstance(error, SyntaxError):
        at = f"line {error.lineno}: " if error.lineno else ""
        return f"{at}{error.msg}"
    if isinstance(error, OSError):
        return error.strerror or str(error)
    return str(error).splitlines()[0]


def shown(path: Path) -> str:
    """Return a path as a reader opens it: relative to the working folder where it lies below."""
    try:
        return path.absolute().relative_to(Path.cwd()).as_posix()
    except (ValueError, OSError):
        return path.as_posix()

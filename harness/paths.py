"""The folders of poolgate: a cache that may be deleted at any time, and the user's own ledger."""

from __future__ import annotations

import errno
import os
import tempfile
from pathlib import Path

from platformdirs import user_cache_path, user_data_path

from .errors import PoolgateError, UsageError


def cache_root() -> Path:
    """Return the folder of the cache, with environments and histories; `POOLGATE_CACHE` overrides it."""
    moved = os.environ.get("POOLGATE_CACHE")
    return Path(moved).expanduser().absolute() if moved else user_cache_path("poolgate")


def environments_root() -> Path:
    return cache_root() / "environments"


def histories_root() -> Path:
    return cache_root() / "histories"


def results_root(named: str | None = None) -> Path:
    """Return the root of the user's own ledger: what `--results` names, else POOLGATE_RESULTS, else user data."""
    if named:
        return Path(named)
    moved = os.environ.get("POOLGATE_RESULTS")
    return Path(moved).expanduser().absolute() if moved else user_data_path("poolgate") / "results"


def read_at_most(path: Path, most: int) -> bytes:
    """Return the content of a file of at most `most` bytes; raises OSError for more, also if it is endless."""
    with path.open("rb") as file:
        content = file.read(most + 1)
    if len(content) > most:
        raise OSError(errno.EFBIG, f"it has more than {most} bytes")
    return content


def output_path(words: str) -> Path:
    """Return the path of an option such as `-o`; raises UsageError if a file can't be created there.

    Missing folders are not created. The path is checked before anything is measured or built.
    """
    path = Path(words)
    folder = path.absolute().parent
    if path.is_dir():
        raise UsageError(f"{path} is a folder: name a file in it")
    if not folder.is_dir():
        raise UsageError(f"{path} can't be written: there is no folder {folder}; create it, or choose another path")
    return path


def write_whole(path: Path, content: bytes) -> None:
    """Write a temporary file and rename it, so that readers see either the old content or the new one.

    Raises PoolgateError with the reason if it can't be written; the old file stays.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor, temporary = tempfile.mkstemp(prefix=f".{path.name}-", dir=path.parent)
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(content)
            Path(temporary).chmod(0o644)
            Path(temporary).replace(path)
        finally:
            Path(temporary).unlink(missing_ok=True)
    except OSError as error:
        raise PoolgateError(
            f"{path} can't be written ({error.strerror}): free some space or choose another path"
        ) from None

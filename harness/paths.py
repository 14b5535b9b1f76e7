"""Where poolgate keeps what it makes: a cache that may be deleted at any time, and a user's own ledger."""

from __future__ import annotations

import errno
import os
import tempfile
from pathlib import Path

from platformdirs import user_cache_path, user_data_path

from .errors import PoolgateError, UsageError


def cache_root() -> Path:
    """The cache: environments and histories. `POOLGATE_CACHE` moves it."""
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
    """The content of a file of at most so many bytes; raises OSError for more, also for what never ends."""
    with path.open("rb") as file:
        content = file.read(most + 1)
    if len(content) > most:
        raise OSError(errno.EFBIG, f"it has more than {most} bytes")
    return content


def output_path(words: str) -> Path:
    """The file that an option such as `-o` names; raises UsageError where no file can be there.

    A folder that is mistyped is not made: it is asked for before anything is measured or built.
    """
    path = Path(words)
    folder = path.absolute().parent
    if path.is_dir():
        raise UsageError(f"{path} is a folder: name a file in it")
    if not folder.is_dir():
        raise UsageError(f"{path} can't be written: there is no folder {folder}; make it, or name another place")
    return path


def write_whole(path: Path, content: bytes) -> None:
    """Write a file beside its place and rename it: readers see the old one or the new one, never half of it.

    Raises PoolgateError with the reason where the disk does not take it; the old file stays.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor, beside = tempfile.mkstemp(prefix=f".{path.name}-", dir=path.parent)
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(content)
            Path(beside).chmod(0o644)
            Path(beside).replace(path)
        finally:
            Path(beside).unlink(missing_ok=True)
    except OSError as error:
        raise PoolgateError(
            f"{path} can't be written ({error.strerror}): free some room or choose another place"
        ) from None

"""Comparison of the sources of a checkout with the installed package.

An editable install of a checkout links each file: files that are added or removed later need another installation.
Other installations have no sources to compare with.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

ROOMS = ("scenarios", "servers", "watch")
"""The other packages of a checkout; their folders are next to that of the harness."""
_SUFFIXES = (".py", ".jinja")


def uninstalled() -> str | None:
    """Return a line with the files added or removed since the installation and what to do; None if there are none."""
    module = sys.modules[__name__.partition(".")[0]]
    return difference_of(Path(str(module.__file__)).parent)


def difference_of(package: Path) -> str | None:
    """Return the line of `uninstalled` for an installed package; `package` is its folder, links not resolved."""
    harness = (package / "__init__.py").resolve().parent
    if harness == package.resolve():
        return None
    folders = {"": harness, **{room: (package / room / "__init__.py").resolve().parent for room in ROOMS}}
    sources = {file for room, folder in folders.items() for file in _files(folder, room)}
    installed = set(_files(package, ""))
    differing = {"new": sources - installed, "gone": {file for file in installed - sources if _is_compared(file)}}
    parts = [f"{word}: {', '.join(sorted(files))}" for word, files in differing.items() if files]
    return f"sources are not what is installed ({'; '.join(parts)}): run `make .venv/installed`" if parts else None


def _files(folder: Path, room: str) -> Iterator[str]:
    """Yield the sources below a folder as paths in the package."""
    for place, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if name != "__pycache__"]
        inside = Path(room, os.path.relpath(place, folder))
        yield from (str(inside / name) for name in names if name.endswith(_SUFFIXES))


def _is_compared(file: str) -> bool:
    """Return whether a file belongs to a compared package; verdicts and claims are read in place."""
    return not file.startswith("results")

"""Whether the sources of a checkout are what is installed.

An editable install of a checkout links each file by itself: a file that is new, or gone, is noticed by an installation
alone. Elsewhere there is nothing to compare.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

ROOMS = ("scenarios", "servers")
"""The packages of ours whose folders lie beside that of the harness in a checkout."""
_SUFFIXES = (".py", ".jinja", ".template")


def uninstalled() -> str | None:
    """Which files are new or gone since the installation, and what to do, in one line; None where all is as it was."""
    module = sys.modules[__name__.partition(".")[0]]
    return difference_of(Path(str(module.__file__)).parent)


def difference_of(package: Path) -> str | None:
    """The same for an installed package; `package` is its folder, as it was found."""
    harness = (package / "__init__.py").resolve().parent
    if harness == package.resolve():
        return None
    folders = {"": harness, **{room: (package / room / "__init__.py").resolve().parent for room in ROOMS}}
    there = {file for room, folder in folders.items() for file in _files(folder, room)}
    installed = set(_files(package, ""))
    words = {"new": there - installed, "gone": {file for file in installed - there if _is_ours(file)}}
    told = [f"{word}: {', '.join(sorted(files))}" for word, files in words.items() if files]
    return f"sources are not what is installed ({'; '.join(told)}): run `make .venv/installed`" if told else None


def _files(folder: Path, room: str) -> Iterator[str]:
    """The sources below a folder, by their paths in the package."""
    for place, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if name != "__pycache__"]
        inside = Path(room, os.path.relpath(place, folder))
        yield from (str(inside / name) for name in names if name.endswith(_SUFFIXES))


def _is_ours(file: str) -> bool:
    """Whether a file is of a room that is compared; verdicts and claims are read where they lie."""
    return not file.startswith("results")

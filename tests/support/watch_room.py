"""A folder in which `poolgate` is the watcher alone, as a program that is watched finds it."""

from __future__ import annotations

from pathlib import Path

from poolgate import watch


def room(place: Path) -> Path:
    """Make the folder, without the packages of the harness."""
    (place / "poolgate").mkdir()
    (place / "poolgate" / "__init__.py").write_text("")
    (place / "poolgate" / "watch").symlink_to(Path(str(watch.__file__)).resolve().parent)
    return place

"""The interpreter that a path names."""

from __future__ import annotations

from pathlib import Path

from ..errors import UsageError


def interpreter_at(path: str) -> Path:
    """The interpreter of an environment, by its own path or that of the environment; raises UsageError."""
    spec = f"python:{path}"
    if not path:
        raise UsageError(f"{spec!r} names no environment; write python:PATH, as in python:.venv")
    try:
        interpreter = Path(path).expanduser()
    except RuntimeError:
        raise UsageError(f"{spec}: nobody's home is called {Path(path).parts[0]}; write the whole path") from None
    if interpreter.is_dir():
        interpreter = interpreter / "bin" / "python"
    if not interpreter.is_file():
        raise UsageError(f"{spec}: there is no interpreter at {interpreter}")
    # Not resolved: a virtual environment is known by the link, not by what it points to.
    return interpreter.absolute()

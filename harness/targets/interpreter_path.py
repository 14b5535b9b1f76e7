"""The path of an environment's interpreter."""

from __future__ import annotations

from pathlib import Path

from ..errors import UsageError


def interpreter_at(path: str) -> Path:
    """Return the interpreter of a path, which is the interpreter or its environment; raises UsageError."""
    spec = f"python:{path}"
    if not path:
        raise UsageError(f"{spec!r} does not name an environment; write python:PATH, as in python:.venv")
    try:
        interpreter = Path(path).expanduser()
    except RuntimeError:
        raise UsageError(f"{spec}: unknown user {Path(path).parts[0]}; use an absolute path") from None
    if interpreter.is_dir():
        interpreter = interpreter / "bin" / "python"
    if not interpreter.is_file():
        raise UsageError(f"{spec}: there is no interpreter at {interpreter}")
    # Not resolved: the link, not its destination, identifies a virtual environment.
    return interpreter.absolute()

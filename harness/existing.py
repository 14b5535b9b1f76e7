"""An environment that exists as a target: `python:PATH`, its interpreter or its folder."""

from __future__ import annotations

from pathlib import Path

from .errors import UsageError
from .specs import BARE, ERA, EXAMPLE, PYTHON
from .targets import Target


def existing(spec: str) -> Target:
    """The target of a spec such as `python:PATH`; raises UsageError with what is wrong."""
    if spec.endswith(ERA):
        raise UsageError(f"{spec.removesuffix(ERA)} exists and is not resolved: `--deps era` is for releases")
    if spec.endswith(BARE):
        raise UsageError(f"{spec}: an environment is used through the client in it; name the pool, as in {EXAMPLE}")
    interpreter = Path(spec.removeprefix(PYTHON)).expanduser()
    if interpreter.is_dir():
        interpreter = interpreter / "bin" / "python"
    if not interpreter.is_file():
        raise UsageError(f"{spec}: there is no interpreter at {interpreter}")
    # Not resolved: a virtual environment is known by the link, not by what it points to.
    return Target(spec=spec, interpreter=interpreter.absolute())

"""An existing environment as a target: `python:PATH`, the path of its interpreter or of its folder."""

from __future__ import annotations

from ..errors import UsageError
from .interpreter_path import interpreter_at
from .spec import BARE, ERA, EXAMPLE, PYTHON
from .target import Target


def existing(spec: str) -> Target:
    """Return the target of a spec such as `python:PATH`; raises UsageError with the reason."""
    if spec.endswith(ERA):
        raise UsageError(f"{spec.removesuffix(ERA)} exists and is not resolved: `--deps era` is for releases")
    if spec.endswith(BARE):
        raise UsageError(f"{spec}: an environment is tested through its client; name the pool, as in {EXAMPLE}")
    return Target(spec=spec, interpreter=interpreter_at(spec.removeprefix(PYTHON)))

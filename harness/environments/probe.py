"""The commands with which the interpreter of an environment under test runs files of `scenarios/`."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from .. import scenarios

_ENTRY = Path(str(scenarios.__file__)).resolve().parent / "__main__.py"


def command(interpreter: str, option: str, descriptor: int) -> list[str]:
    """Return the command with an option that names an inherited descriptor."""
    return [interpreter, "-I", str(_ENTRY), option, str(descriptor)]


def surroundings(descriptor: int) -> dict[str, Any]:
    """Return the options of Popen for a worker that inherits a descriptor."""
    return {"pass_fds": [descriptor], **quiet()}


def quiet() -> dict[str, Any]:
    """Return the options of Popen without proxies and PYTHON* settings, so that clients see the same everywhere."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "TMPDIR", "LANG") if name in os.environ}
    return {"env": kept, "cwd": "/"}

"""How the interpreter of an environment under test is made to run what is in `scenarios/`."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from .. import scenarios

_ENTRY = Path(str(scenarios.__file__)).resolve().parent / "__main__.py"


def command(interpreter: str, option: str, descriptor: int) -> list[str]:
    """The command whose option names a descriptor that the interpreter inherits."""
    return [interpreter, "-I", str(_ENTRY), option, str(descriptor)]


def surroundings(descriptor: int) -> dict[str, Any]:
    """The options of Popen for a worker that inherits a descriptor."""
    return {"pass_fds": [descriptor], **quiet()}


def quiet() -> dict[str, Any]:
    """The options of Popen: no proxies, no PYTHON* settings; what a client under test sees is the same everywhere."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "TMPDIR", "LANG") if name in os.environ}
    return {"env": kept, "cwd": "/"}

"""The Python interpreters of this machine, and what they say about themselves."""

from __future__ import annotations

import functools
import os
import subprocess
from pathlib import Path
from typing import NamedTuple

from uv import find_uv_bin

from .interpreter import Inquiry

UV = find_uv_bin()
"""The uv that came with us. Looked up once and on import: sysconfig, which it asks, can't be asked by two threads."""


class Interpreter(NamedTuple):
    """What an interpreter says: its full version, and the directories that its packages are in, first come first."""

    version: str
    site_packages: tuple[str, ...]


def uv_environment() -> dict[str, str]:
    """The variables that every call of uv gets: it never downloads an interpreter, and it sees those of pyenv."""
    root = Path(os.environ.get("PYENV_ROOT", "~/.pyenv")).expanduser()
    pyenv = sorted(str(path) for path in root.glob("versions/*/bin"))
    path = os.pathsep.join([os.environ.get("PATH", os.defpath), *pyenv])
    kept = {name: value for name, value in os.environ.items() if name not in {"VIRTUAL_ENV", "UV_PYTHON"}}
    return {**kept, "PATH": path, "UV_PYTHON_DOWNLOADS": "never", "UV_NO_PROGRESS": "1"}


@functools.cache
def find(python: str) -> Path | None:
    """The interpreter of a minor version such as "3.11", or None where this machine has none."""
    command = [UV, "python", "find", "--system", "--no-project", f"cpython@{python}"]
    found = subprocess.run(command, capture_output=True, text=True, env=uv_environment(), cwd="/", check=False)
    return Path(found.stdout.strip()) if found.returncode == 0 else None


def ask(interpreter: Path) -> Interpreter:
    """Ask an interpreter what it is; raises InterpreterError."""
    return Interpreter(*Inquiry(interpreter).answer())

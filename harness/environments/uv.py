"""Calls of uv: their variables and options, what its complaints mean, which interpreters it finds."""

from __future__ import annotations

import functools
import os
import re
import subprocess
from pathlib import Path

from uv import find_uv_bin

from ..catalogue import releases
from ..errors import PoolgateError
from ..processes import Processes
from ..targets.target import Target

UV = find_uv_bin()
"""The uv that came with us. Looked up once and on import: sysconfig, which it asks, can't be asked by two threads."""

_IMPOSSIBLE = re.compile(r"No solution found|Failed to build|not compatible|no wheels with a matching")
_DISK = re.compile(r"No space left on device|Disk quota exceeded|Read-only file system|Permission denied")
_NEVER = "9000-01-01"

_NETWORK_DISABLED = "the network was disabled"


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


class UninstallableError(PoolgateError):
    """The target can't exist here: no solution, a build that fails, a Python that this machine lacks."""


class RegistryError(PoolgateError):
    """Whether the target exists can't be known: the registry is away, or uv was killed, and the cache lacks it."""


def cutoff_options(target: Target) -> list[str]:
    """Options of uv that hide what was uploaded after the cut-off, but for what the target is exempt from."""
    exempt = (f"--exclude-newer-package={name}={_NEVER}" for name in target.exempt)
    return ["--exclude-newer", target.cutoff, *exempt]


def source_options(requirements: tuple[str, ...]) -> list[str]:
    """Options of uv and pip that have the releases without a usable wheel built from their sdist."""
    pins = (re.sub(r"\[.*\]", "", requirement).partition("==") for requirement in requirements)
    known = ((name, releases.load().known(name, version)) for name, _, version in pins)
    return [f"--no-binary={name}" for name, release in known if release is not None and not release.wheel]


def run_uv(processes: Processes, *arguments: str) -> None:
    """Run uv; where the registry is away, what its cache holds will do."""
    complaint = _complaint_of(processes, *arguments)
    if not complaint:
        return
    if _IMPOSSIBLE.search(complaint) and _NETWORK_DISABLED not in complaint:
        raise UninstallableError(_in_one_line(complaint))
    if _DISK.search(complaint):
        raise PoolgateError(f"the cache can't be written ({_in_one_line(complaint)}): POOLGATE_CACHE moves it")
    offline = _complaint_of(processes, *arguments, "--offline")
    if offline and _IMPOSSIBLE.search(offline) and _NETWORK_DISABLED not in offline:
        raise UninstallableError(_in_one_line(offline))
    if offline:
        raise RegistryError(f"the registry can't be reached: {_in_one_line(complaint)}")


def _complaint_of(processes: Processes, *arguments: str) -> str:
    """What uv complained of; empty where it succeeded. Run at the root: no project's settings apply.

    Raises RegistryError where it came to no end of its own: for want of memory or of room, or somebody killed it.
    """
    command = [UV, *arguments, "--color", "never"]
    code, complaint = processes.run(command, env=uv_environment(), cwd="/")
    if code < 0:
        raise RegistryError(f"uv was killed by signal {-code} while it built the environment")
    return (complaint or f"uv ended with exit code {code}") if code else ""


def _in_one_line(complaint: str) -> str:
    """uv's causes, the last two of them, without its tree of bullets."""
    lines = [re.sub(r"^\W*(error|cause|hint): ", "", line.strip()) for line in complaint.splitlines()]
    told = [line for line in lines if line and not line.startswith("Using Python")]
    return " ".join(told)[:400]

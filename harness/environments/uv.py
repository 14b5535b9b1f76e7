"""Calls of uv: environment variables, options, the meaning of its errors, and the interpreters that it finds."""

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
"""The uv installed with poolgate. Looked up once on import: sysconfig, which this uses, is not thread-safe."""

_IMPOSSIBLE = re.compile(r"No solution found|Failed to build|not compatible|no wheels with a matching")
_DISK = re.compile(r"No space left on device|Disk quota exceeded|Read-only file system|Permission denied")
_TREE = " \t\u00d7\u251c\u2500\u25b6\u2570\u2502"
"""The characters of the tree that uv draws in front of its causes."""
_RAISED = re.compile(r"[\w.]*(Error|Exception)\b")
_NEVER = "9000-01-01"

_NETWORK_DISABLED = "the network was disabled"


def uv_environment() -> dict[str, str]:
    """Return the environment variables for uv: it never downloads an interpreter, and finds those of pyenv."""
    root = Path(os.environ.get("PYENV_ROOT", "~/.pyenv")).expanduser()
    pyenv = sorted(str(path) for path in root.glob("versions/*/bin"))
    path = os.pathsep.join([os.environ.get("PATH", os.defpath), *pyenv])
    kept = {name: value for name, value in os.environ.items() if name not in {"VIRTUAL_ENV", "UV_PYTHON"}}
    return {**kept, "PATH": path, "UV_PYTHON_DOWNLOADS": "never", "UV_NO_PROGRESS": "1"}


@functools.cache
def find(python: str) -> Path | None:
    """Return the interpreter of a minor version such as "3.11", or None if this machine has none."""
    command = [UV, "python", "find", "--system", "--no-project", f"cpython@{python}"]
    found = subprocess.run(command, capture_output=True, text=True, env=uv_environment(), cwd="/", check=False)
    return Path(found.stdout.strip()) if found.returncode == 0 else None


class UninstallableError(PoolgateError):
    """A target that can't be installed here: no solution, a failed build, or a Python that this machine lacks."""


class RegistryError(PoolgateError):
    """A target that could not be looked up: the registry is unreachable or uv was killed, and the cache lacks it."""


def cutoff_options(target: Target) -> list[str]:
    """Return options of uv that hide uploads after the cut-off, except for the target's exempt packages."""
    exempt = (f"--exclude-newer-package={name}={_NEVER}" for name in target.exempt)
    return ["--exclude-newer", target.cutoff, *exempt]


def source_options(requirements: tuple[str, ...]) -> list[str]:
    """Return options of uv and pip that build releases without a usable wheel from their sdist."""
    pins = (re.sub(r"\[.*\]", "", requirement).partition("==") for requirement in requirements)
    known = ((name, releases.load().known(name, version)) for name, _, version in pins)
    return [f"--no-binary={name}" for name, release in known if release is not None and not release.wheel]


def run_uv(processes: Processes, *arguments: str) -> None:
    """Run uv, a second time with only its cache if the registry is unreachable."""
    complaint = _error_of(processes, *arguments)
    if not complaint:
        return
    if _IMPOSSIBLE.search(complaint) and _NETWORK_DISABLED not in complaint:
        raise UninstallableError(_in_one_line(complaint))
    if _DISK.search(complaint):
        raise PoolgateError(f"the cache can't be written ({_in_one_line(complaint)}): POOLGATE_CACHE moves it")
    offline = _error_of(processes, *arguments, "--offline")
    if offline and _IMPOSSIBLE.search(offline) and _NETWORK_DISABLED not in offline:
        raise UninstallableError(_in_one_line(offline))
    if offline:
        raise RegistryError(f"the registry can't be reached: {_in_one_line(complaint)}")


def _error_of(processes: Processes, *arguments: str) -> str:
    """Run uv and return its error output; empty on success. It runs in `/`, where no project settings apply.

    Raises RegistryError if uv was killed by a signal, for example without memory.
    """
    command = [UV, *arguments, "--color", "never"]
    code, complaint = processes.run(command, env=uv_environment(), cwd="/")
    if code < 0:
        raise RegistryError(f"uv was killed by signal {-code} while it built the environment")
    return (complaint or f"uv ended with exit code {code}") if code else ""


def _in_one_line(complaint: str) -> str:
    """Return uv's error in one line without its tree of bullets, 400 characters at most.

    Of a failed build, it is the package and the last exception, not the log of the build.
    """
    bare = (line.strip(_TREE) for line in complaint.splitlines())
    lines = [re.sub(r"^\W*(error|cause|hint): ", "", line) for line in bare]
    kept = [line for line in lines if line and not line.startswith("Using Python")]
    failed = next((line for line in kept if line.startswith("Failed to build")), None)
    raised = [line for line in kept if _RAISED.match(line)]
    return (f"{failed}: {raised[-1]}" if failed and raised else " ".join(kept))[:400]

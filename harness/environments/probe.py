"""How the interpreter of an environment under test runs poolgate's code: a worker, or a script that answers in JSON."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from .. import scenarios

PATIENCE = 60.0
"""Seconds that a script may take to answer."""
_WIDTH = 500
"""Characters of the line that a failed script ends with."""
_ENTRY = Path(str(scenarios.__file__)).resolve().parent / "__main__.py"

Answer = TypeVar("Answer")


class ProbeError(Exception):
    """A script that gave no answer; the message is the last line that it printed."""


def run_in(interpreter: str, script: Path | str, *words: str, into: type[Answer]) -> Answer:
    """Run a file, or source text, in an environment and return its answer: JSON in its last line. Raises ProbeError."""
    code = [str(script)] if isinstance(script, Path) else ["-c", script]
    try:
        ran = subprocess.run(
            [interpreter, "-I", *code, *words],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=PATIENCE,
            check=False,
            **_quiet(),
        )
        return msgspec.json.decode(ran.stdout.splitlines()[-1] if ran.stdout else b"", type=into)
    except subprocess.TimeoutExpired:
        raise ProbeError(f"no answer within {PATIENCE:g} s") from None
    except OSError as error:
        raise ProbeError(str(error)) from None
    except msgspec.DecodeError:
        raise ProbeError(_last_line(ran)) from None


def _last_line(ran: subprocess.CompletedProcess[bytes]) -> str:
    """Return the last line that a script printed; how it ended if there is none."""
    printed = ran.stderr.decode("utf-8", "replace").split("\n")
    last = next((line.strip() for line in reversed(printed) if line.strip()), "")
    return last[:_WIDTH] or f"ended with exit code {ran.returncode} without an answer"


def command(interpreter: str, option: str, descriptor: int) -> list[str]:
    """Return the command with an option that names an inherited descriptor."""
    return [interpreter, "-I", str(_ENTRY), option, str(descriptor)]


def surroundings(descriptor: int) -> dict[str, Any]:
    """Return the options of Popen for a worker that inherits a descriptor."""
    return {"pass_fds": [descriptor], **_quiet()}


def _quiet() -> dict[str, Any]:
    """Return the options of Popen without proxies and PYTHON* settings, so that clients see the same everywhere."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "TMPDIR", "LANG") if name in os.environ}
    return {"env": kept, "cwd": "/"}

"""Queries a Python interpreter for its version and package directories. Imports few modules itself.

The query starts early and its answer is read late: starting an interpreter takes about as long as importing everything
that answers from stored verdicts.
"""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path
from typing import NamedTuple

_ASK = """
import sys
found = [path for path in sys.path if path.rstrip("/").endswith(("site-packages", "dist-packages"))]
answer = "\\0".join([sys.version.split()[0]] + found)
sys.stdout.buffer.write(answer.encode("utf-8", "surrogateescape"))
"""
"""Imports only `sys`: importing another module would take longer than the answer."""
_PATIENCE = 60.0
"""Seconds that an interpreter may take to answer."""


class InterpreterError(Exception):
    """A program that does not answer as a Python interpreter."""


class Inquiry:
    """A query to an interpreter whose answer has not been read yet."""

    def __init__(self, interpreter: Path) -> None:
        self.interpreter = interpreter
        try:
            self._process: subprocess.Popen[bytes] | None = subprocess.Popen(
                [interpreter, "-I", "-c", _ASK],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
            )
        except (OSError, ValueError):
            self._process = None

    def answer(self) -> tuple[str, tuple[str, ...]]:
        """Return the full version and the package directories in import order; raises InterpreterError."""
        answer = self._read()
        version, *folders = os.fsdecode(answer).split("\0")
        if not re.fullmatch(r"\d+\.\d+\.\d+\S*", version):
            raise InterpreterError(f"{self.interpreter} does not run as a Python interpreter")
        return version, tuple(folders)

    def drop(self) -> None:
        """End the query without reading its answer."""
        if self._process is not None and self._process.returncode is None:
            self._process.kill()
            self._process.communicate()

    def _read(self) -> bytes:
        if self._process is None:
            return b""
        try:
            answer, _ = self._process.communicate(timeout=_PATIENCE)
        except subprocess.TimeoutExpired:
            self.drop()
            return b""
        return answer if self._process.returncode == 0 else b""


class Interpreter(NamedTuple):
    """The answer of an interpreter: its full version and its package directories in import order."""

    version: str
    site_packages: tuple[str, ...]


def ask(interpreter: Path) -> Interpreter:
    """Query an interpreter; raises InterpreterError."""
    return Interpreter(*Inquiry(interpreter).answer())

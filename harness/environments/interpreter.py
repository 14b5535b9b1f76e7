"""A question to a Python interpreter: which it is, and where its packages are. Loads next to nothing itself.

It is put as early as can be and answered when it is needed: an interpreter takes about as long to start as all that
answers from stored verdicts takes to load.
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
told = "\\0".join([sys.version.split()[0]] + found)
sys.stdout.buffer.write(told.encode("utf-8", "surrogateescape"))
"""
"""Modules that Python does not load anyway would cost more than the answer."""
_PATIENCE = 60.0
"""Seconds after which what was asked does not answer any more."""


class InterpreterError(Exception):
    """What was called as a Python interpreter does not answer as one."""


class Inquiry:
    """An interpreter that was asked and has not been heard yet."""

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
        """Its full version, and the directories that it has packages in, first come first; raises InterpreterError."""
        told = self._hear()
        version, *folders = os.fsdecode(told).split("\0")
        if not re.fullmatch(r"\d+\.\d+\.\d+\S*", version):
            raise InterpreterError(f"{self.interpreter} does not run as a Python interpreter")
        return version, tuple(folders)

    def drop(self) -> None:
        """Ask no more: an answer that has not come yet is not needed."""
        if self._process is not None and self._process.returncode is None:
            self._process.kill()
            self._process.communicate()

    def _hear(self) -> bytes:
        if self._process is None:
            return b""
        try:
            told, _ = self._process.communicate(timeout=_PATIENCE)
        except subprocess.TimeoutExpired:
            self.drop()
            return b""
        return told if self._process.returncode == 0 else b""


class Interpreter(NamedTuple):
    """What an interpreter says: its full version, and the directories that its packages are in, first come first."""

    version: str
    site_packages: tuple[str, ...]


def ask(interpreter: Path) -> Interpreter:
    """Ask an interpreter what it is; raises InterpreterError."""
    return Interpreter(*Inquiry(interpreter).answer())

"""The installed packages that matter to a pool, read from the files of an environment where possible."""

from __future__ import annotations

import os
import re
import shutil
from pathlib import Path

from ..catalogue.packages import RELEVANT
from ..errors import UsageError
from .interpreter import Inquiry, InterpreterError


def current() -> Path:
    """Return the interpreter in use: that of `VIRTUAL_ENV` if set, else the first `python` or `python3` on PATH.

    The interpreter that runs poolgate may be another one. Raises UsageError.
    """
    active = os.environ.get("VIRTUAL_ENV")
    if active:
        return Path(active) / "bin" / "python"
    found = shutil.which("python") or shutil.which("python3")
    if found is None:
        raise UsageError("no environment is active and there is no python on PATH; name one as python:PATH")
    return Path(found)


class Installed:
    """The packages of an interpreter; a query starts at once if files are not enough and is read when needed."""

    def __init__(self, interpreter: Path) -> None:
        self.interpreter = interpreter
        self._folders = _virtual(interpreter)
        self._inquiry = None if self._folders else Inquiry(interpreter)

    def packages(self) -> tuple[dict[str, str], str]:
        """Return the versions of the packages that matter, and the minor version of Python; raises UsageError."""
        # Imported late, so that the query starts early.
        from importlib.metadata import distributions

        folders, python = self._folders, ""
        if self._inquiry:
            version, folders = self._answer(self._inquiry)
            python = ".".join(version.split(".")[:2])
        elif folders:
            python = Path(folders[0]).parent.name.removeprefix("python")
        self._folders = folders
        found = ((name, next(iter(distributions(name=name, path=list(folders))), None)) for name in RELEVANT)
        return {name: distribution.version for name, distribution in found if distribution is not None}, python

    def required_by(self, clients: list[str]) -> dict[str, list[str]]:
        """Return the installed packages that require each client, once `packages` was called."""
        # Imported late, so that a query starts early.
        from .requiring import requiring

        return requiring(self._folders, clients)

    def close(self) -> None:
        """End a query whose answer was not read."""
        if self._inquiry:
            self._inquiry.drop()

    def _answer(self, inquiry: Inquiry) -> tuple[str, tuple[str, ...]]:
        try:
            return inquiry.answer()
        except InterpreterError as error:
            raise UsageError(f"{error}; name an environment as python:PATH") from None


def _virtual(interpreter: Path) -> tuple[str, ...]:
    """Return the package folders of an isolated virtual environment; empty if the interpreter has to be queried."""
    prefix = interpreter.parent.parent
    try:
        settings = (prefix / "pyvenv.cfg").read_text(errors="replace")
    except OSError:
        return ()
    if re.search(r"^include-system-site-packages\s*=\s*true\s*$", settings, re.MULTILINE | re.IGNORECASE):
        return ()
    return tuple(sorted(str(path) for path in prefix.glob("lib*/python3*/site-packages")))

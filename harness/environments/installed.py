"""What an environment holds of what matters to a pool, read from its files where they can be found."""

from __future__ import annotations

import os
import re
import shutil
from pathlib import Path

from ..catalogue.packages import RELEVANT
from ..errors import UsageError
from .interpreter import Inquiry, InterpreterError


def current() -> Path:
    """The interpreter in use: that of `VIRTUAL_ENV` where one is active, else the first `python` or `python3` on PATH.

    It is not the one that runs poolgate, which may be installed apart from everything. Raises UsageError.
    """
    active = os.environ.get("VIRTUAL_ENV")
    if active:
        return Path(active) / "bin" / "python"
    found = shutil.which("python") or shutil.which("python3")
    if found is None:
        raise UsageError("no environment is active and there is no python on PATH; name one as python:PATH")
    return Path(found)


class Installed:
    """What an interpreter can import; it is asked at once, where its files do not tell, and heard when it is needed."""

    def __init__(self, interpreter: Path) -> None:
        self.interpreter = interpreter
        self._folders = _virtual(interpreter)
        self._inquiry = None if self._folders else Inquiry(interpreter)

    def packages(self) -> tuple[dict[str, str], str]:
        """The packages that matter with their versions, and the minor version of Python; raises UsageError."""
        # Imported late: it is not needed to ask.
        from importlib.metadata import distributions

        folders, python = self._folders, ""
        if self._inquiry:
            version, folders = self._heard(self._inquiry)
            python = ".".join(version.split(".")[:2])
        elif folders:
            python = Path(folders[0]).parent.name.removeprefix("python")
        found = ((name, next(iter(distributions(name=name, path=list(folders))), None)) for name in RELEVANT)
        return {name: distribution.version for name, distribution in found if distribution is not None}, python

    def close(self) -> None:
        """End what was asked and not heard."""
        if self._inquiry:
            self._inquiry.drop()

    def _heard(self, inquiry: Inquiry) -> tuple[str, tuple[str, ...]]:
        try:
            return inquiry.answer()
        except InterpreterError as error:
            raise UsageError(f"{error}; name an environment as python:PATH") from None


def _virtual(interpreter: Path) -> tuple[str, ...]:
    """The folders of a virtual environment that has nothing but its own packages; none where they have to be asked."""
    prefix = interpreter.parent.parent
    try:
        told = (prefix / "pyvenv.cfg").read_text(errors="replace")
    except OSError:
        return ()
    if re.search(r"^include-system-site-packages\s*=\s*true\s*$", told, re.MULTILINE | re.IGNORECASE):
        return ()
    return tuple(sorted(str(path) for path in prefix.glob("lib*/python3*/site-packages")))

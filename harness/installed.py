"""What an environment holds of what matters to a pool, read from its files where they can be found."""

from __future__ import annotations

import os
import shutil
from importlib.metadata import distributions
from pathlib import Path

from .errors import UsageError
from .relevant import RELEVANT


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


def installed(interpreter: Path) -> tuple[dict[str, str], str]:
    """The packages that matter with their versions, and the minor version of Python; raises UsageError."""
    folders = _folders(interpreter)
    found = ((name, next(iter(distributions(name=name, path=folders)), None)) for name in RELEVANT)
    python = next((part.removeprefix("python") for part in Path(folders[0]).parts if part.startswith("python3.")), "")
    return {name: distribution.version for name, distribution in found if distribution is not None}, python


def _folders(interpreter: Path) -> list[str]:
    prefix = interpreter.parent.parent
    folders = sorted(str(path) for path in prefix.glob("lib*/python3*/site-packages"))
    if (prefix / "pyvenv.cfg").is_file() and folders:
        return folders
    # Imported late: what runs an interpreter takes longer to load than the whole answer takes.
    from .interpreters import InterpreterError, ask

    try:
        return list(ask(interpreter).site_packages)
    except InterpreterError as error:
        raise UsageError(f"{error}; name an environment as python:PATH") from None

"""Pinned requirements, as `pip freeze`, `pip-compile` and `uv pip compile` write them.

Included files (`-r`, `-c`) are not read: they may be of another revision.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

from pip_requirements_parser import RequirementsFile

from .reader import Locked, LockError, applies, normal


def read(text: str, environment: dict[str, str]) -> list[Locked]:
    """Return every requirement that applies; raises LockError for an invalid line."""
    parsed = _parse(text)
    for line in parsed.invalid_lines:
        raise LockError(f"line {line.line_number} is not a requirement: {' '.join(str(line.line).split())[:80]}")
    found = []
    for requirement in parsed.requirements:
        marker = str(requirement.marker) if requirement.marker else None
        if requirement.name and applies(marker, environment):
            elsewhere = str(requirement.link.url) if requirement.link else None
            found.append(Locked(normal(str(requirement.name)), _pinned(requirement.specifier), elsewhere))
    return found


def _parse(text: str) -> RequirementsFile:
    with tempfile.TemporaryDirectory() as folder:
        # The parser reads only files. The folder has no other file that this one could include.
        path = Path(folder) / "requirements.txt"
        path.write_text(text)
        try:
            return RequirementsFile.from_file(str(path))
        except Exception as error:
            raise LockError(f"it is not a requirements file ({type(error).__name__}); name a lock file") from None


def _pinned(specifiers: object) -> str:
    """Return the version of a single `==VERSION` or `===VERSION`; empty for other specifiers."""
    text = str(specifiers or "")
    version = text.lstrip("=")
    return version if text.startswith("==") and not set(version) & set(",*<>!~") else ""

"""The build backend: that of setuptools, and a file in each wheel that an interpreter reads when it starts.

The file watches a program if POOLGATE_WATCH is set. setuptools has no option that puts a file next to the packages, and
its editable wheels have no data files. Only tools that build import this module; it imports nothing of poolgate.
"""

from __future__ import annotations

import base64
import hashlib
import zipfile
from pathlib import Path
from typing import Any

from setuptools import build_meta
from setuptools.build_meta import (
    build_sdist,
    get_requires_for_build_editable,
    get_requires_for_build_sdist,
    get_requires_for_build_wheel,
    prepare_metadata_for_build_editable,
    prepare_metadata_for_build_wheel,
)

__all__ = [
    "build_editable",
    "build_sdist",
    "build_wheel",
    "get_requires_for_build_editable",
    "get_requires_for_build_sdist",
    "get_requires_for_build_wheel",
    "prepare_metadata_for_build_editable",
    "prepare_metadata_for_build_wheel",
]

_START = Path("watch/poolgate_watch.pth")
"""Relative to the root of the project, the working directory of a backend."""


def build_wheel(folder: str, config_settings: Any = None, metadata_directory: str | None = None) -> str:
    """Build a wheel in a folder, as PEP 517 defines; returns its name."""
    return _with_start(folder, build_meta.build_wheel(folder, config_settings, metadata_directory))


def build_editable(folder: str, config_settings: Any = None, metadata_directory: str | None = None) -> str:
    """Build an editable wheel in a folder, as PEP 660 defines; returns its name."""
    return _with_start(folder, build_meta.build_editable(folder, config_settings, metadata_directory))


def _with_start(folder: str, name: str) -> str:
    """Add the file to a wheel and to its record."""
    content = _START.read_bytes()
    digest = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()
    line = f"{_START.name},sha256={digest},{len(content)}\n".encode()
    with zipfile.ZipFile(Path(folder, name)) as wheel:
        members = [(info, wheel.read(info)) for info in wheel.infolist()]
    with zipfile.ZipFile(Path(folder, name), "w", zipfile.ZIP_DEFLATED) as wheel:
        wheel.writestr(_START.name, content)
        for info, data in members:
            wheel.writestr(info, data + line if info.filename.endswith(".dist-info/RECORD") else data)
    return name

"""The wheel of these sources, built once for all tests and processes, and environments that have it installed."""

from __future__ import annotations

import fcntl
import hashlib
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

from conftest import ROOT

from poolgate.environments.uv import UV, uv_environment

_SOURCES = ("pyproject.toml", "README.md", "LICENSE", "harness", "scenarios", "servers", "results", "watch")
_WHEELS = ROOT / ".poolgate" / "wheels"


def built_wheel() -> Path:
    """Return the wheel of the present sources; the first that asks builds it, in some seconds, and others wait."""
    folder = _WHEELS / _digest()
    _WHEELS.mkdir(parents=True, exist_ok=True)
    with (_WHEELS / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not folder.is_dir():
            _build(folder)
    (wheel,) = folder.glob("*.whl")
    return wheel


def installed(place: Path, *packages: str, python: str = "3.11") -> Path:
    """Make an environment with some packages, such as `str(built_wheel())`; returns its interpreter."""
    uv("venv", "--quiet", "--python", python, str(place))
    uv("pip", "install", "--quiet", "--python", str(place), "--constraint", str(ROOT / "constraints.txt"), *packages)
    return place / "bin" / "python"


def uv(*words: str) -> None:
    """Run uv; raises AssertionError with its output if it fails."""
    ran = subprocess.run([UV, *words], capture_output=True, text=True, env=uv_environment(), check=False)
    assert ran.returncode == 0, ran.stderr


def _digest() -> str:
    digest = hashlib.sha256()
    for file in _files():
        digest.update(f"{file.relative_to(ROOT)}\0".encode() + hashlib.sha256(file.read_bytes()).digest())
    return digest.hexdigest()[:16]


def _files() -> Iterator[Path]:
    for source in _SOURCES:
        path = ROOT / source
        found = [path] if path.is_file() else sorted(path.rglob("*"))
        yield from (file for file in found if file.is_file() and "__pycache__" not in file.parts)


def _build(folder: Path) -> None:
    """Build from a copy: setuptools writes beside the sources. Wheels of other sources are removed."""
    with tempfile.TemporaryDirectory(dir=_WHEELS) as place:
        for file in _files():
            copy = Path(place) / "sources" / file.relative_to(ROOT)
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(file, copy)
        uv("build", "--quiet", "--wheel", "--out-dir", f"{place}/wheel", f"{place}/sources")
        for old in _WHEELS.glob("*/"):
            if old != Path(place):
                shutil.rmtree(old)
        (Path(place) / "wheel").rename(folder)

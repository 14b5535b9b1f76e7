"""The wheel of these sources, built once for all tests and processes, and environments that have it installed."""

from __future__ import annotations

import fcntl
import hashlib
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

from conftest import ROOT

from poolgate.environments.uv import UV, uv_environment

_SOURCES = ("pyproject.toml", "README.md", "LICENSE", "harness", "scenarios", "servers", "results", "watch")
_WHEELS = ROOT / ".poolgate" / "wheels"


def built_wheel() -> Path:
    """Return the wheel of the present sources; the first that asks builds it, in some seconds, and others wait."""
    return next(_once("wheel", _build).glob("*.whl"))


def plain_environment() -> Path:
    """Return the folder of an environment with a plain installation of the wheel, made once; it is not changed."""
    wheel = str(built_wheel())
    return _once("plain", lambda folder: installed(folder, "--compile-bytecode", wheel))


def _once(name: str, make: Callable[[Path], object]) -> Path:
    """Return a folder of the present sources, which the first that asks makes; those of other sources are removed."""
    folder = _WHEELS / _digest() / name
    _WHEELS.mkdir(parents=True, exist_ok=True)
    with (_WHEELS / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / "made").exists():
            for old in _WHEELS.glob("*/"):
                if old != folder.parent:
                    shutil.rmtree(old)
            shutil.rmtree(folder, ignore_errors=True)
            make(folder)
            (folder / "made").touch()
    return folder


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
    """Build from a copy: setuptools writes next to the sources."""
    with tempfile.TemporaryDirectory() as place:
        for file in _files():
            copy = Path(place) / file.relative_to(ROOT)
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(file, copy)
        uv("build", "--quiet", "--wheel", "--out-dir", str(folder), place)

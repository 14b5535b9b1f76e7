"""Environments under test: built once by uv for a target, keyed by everything that went into them, never half-built.

An environment is built beside its place and renamed into it, so that two runs may build the same one and a run that
was killed leaves nothing that looks whole; such left-overs go when they are old. Resolution stops at the target's
cut-off: the same target is the same set of packages next year.
"""

from __future__ import annotations

import contextlib
import functools
import hashlib
import platform
import shutil
import tempfile
import threading
import time
from collections.abc import Iterator
from importlib.metadata import distributions
from pathlib import Path

import msgspec
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from ..catalogue.packages import CLIENTS, POOLS
from ..errors import PoolgateError
from ..paths import environments_root
from ..processes import Processes
from ..targets.git import worktree
from ..targets.spec import imported
from ..targets.target import Target
from . import uv
from .interpreter import InterpreterError, ask
from .uv import UninstallableError, cutoff_options, run_uv, source_options

SEEDS = frozenset({"pip", "setuptools", "wheel"})
"""Packages that some tools put into every environment; they are not part of what is under test."""

ABANDONED = 24 * 3600.0
"""Seconds after which a folder that is not in its place yet is nobody's work any more."""

OWN_EXTRAS = {"h2": "http2", "socksio": "socks", "trio": "trio"}
"""By the package that a scenario needs, what clients and pools call the extra that brings it, where they have it."""

RECIPE = 1
"""Counts the ways in which environments were built: part of their key, so that none of an earlier way is used."""

_RECORD = "poolgate.json"

_asking = threading.Lock()
"""Many cells start at once: the first of them asks for an interpreter, the others find its answer."""


class Environment(msgspec.Struct, frozen=True, kw_only=True):
    """An environment that exists: its interpreter, the full Python version, and every package in it."""

    interpreter: str
    python: str
    packages: dict[str, str]

    @property
    def client(self) -> str:
        """The package that the worker imports, a bare pool where there is no client.

        Raises UninstallableError where there is neither.
        """
        if (name := imported(self.packages)) is None:
            raise UninstallableError(f"{self.interpreter} has none of {', '.join((*CLIENTS, *POOLS))}")
        return name


def environment_key(requirements: tuple[str, ...], python: str, cutoff: str) -> str:
    """The name of the environment's folder: a digest of all that decides what is in it."""
    parts = {
        "recipe": RECIPE,
        "requirements": sorted(requirements),
        "python": python,
        "cutoff": cutoff,
        "platform": f"{platform.system()}-{platform.machine()}".lower(),
    }
    return hashlib.sha256(msgspec.json.encode(parts, order="deterministic")).hexdigest()[:20]


def environment_for(processes: Processes, target: Target, extras: tuple[str, ...] = ()) -> Environment:
    """The environment of a target, built if it isn't there.

    Raises UninstallableError with the reason where the target can't exist here, RegistryError where it can't be known.
    """
    if target.impossible is not None:
        raise UninstallableError(target.impossible)
    try:
        if target.interpreter is not None:
            return _with_all(_inspect(target.interpreter), extras)
        plain = _built(processes, target, target.requirements)
        # What the target brings by itself is not asked for again: without a version it would change the others.
        missing = _missing(plain, extras)
        return _built(processes, target, _with_extras(target, plain, missing)) if missing else plain
    except InterpreterError as error:
        raise UninstallableError(str(error)) from None
    except (OSError, msgspec.DecodeError) as error:
        raise PoolgateError(f"the environment of {target.spec} is broken ({error}); see `poolgate doctor`") from None


def _built(processes: Processes, target: Target, requirements: tuple[str, ...]) -> Environment:
    with _asking:
        base = _base_of(target)
        version = _version_of(base)
    place = environments_root() / environment_key(requirements, version, target.cutoff)
    if not (place / _RECORD).exists():
        _build(processes, place, base, requirements, target)
    return msgspec.json.decode((place / _RECORD).read_bytes(), type=Environment)


def _base_of(target: Target) -> Path:
    for python in target.pythons:
        if found := uv.find(python):
            return found
    wanted = ", ".join(target.pythons) or "other than poolgate knows"
    raise UninstallableError(f"{target.spec} wants Python {wanted}: not on this machine")


@functools.cache
def _version_of(base: Path) -> str:
    return ask(base).version


def _inspect(interpreter: Path) -> Environment:
    """What an environment holds, by the metadata of its packages."""
    answer = ask(interpreter)
    # Of a package that is there twice, the first is imported.
    found = reversed(list(distributions(path=list(answer.site_packages))))
    packages = {str(canonicalize_name(package.metadata["Name"])): package.version for package in found}
    kept = {name: version for name, version in sorted(packages.items()) if name not in SEEDS}
    return Environment(interpreter=str(interpreter), python=answer.version, packages=kept)


def _with_all(environment: Environment, extras: tuple[str, ...]) -> Environment:
    """An environment that is not ours to change, as far as it has what a scenario needs."""
    if missing := _missing(environment, extras):
        raise UninstallableError(f"{environment.interpreter} lacks {', '.join(missing)}, which this scenario needs")
    return environment


def _with_extras(target: Target, plain: Environment, extras: list[str]) -> tuple[str, ...]:
    """The pins and the extras; what the pins have as extras of their own, in the versions that they ask for.

    So has an anyio that comes with them: most run on trio by way of it.
    """
    own = ",".join(OWN_EXTRAS[extra] for extra in extras if extra in OWN_EXTRAS)
    pins = (f"{name}[{own}]=={version}" for name, version in target.pins if own)
    bridge = ("anyio[trio]",) if "trio" in extras and "anyio" in plain.packages else ()
    return (*target.requirements, *pins, *bridge, *extras)


def _missing(environment: Environment, extras: tuple[str, ...]) -> list[str]:
    return [extra for extra in extras if canonicalize_name(Requirement(extra).name) not in environment.packages]


def _build(processes: Processes, place: Path, base: Path, requirements: tuple[str, ...], target: Target) -> None:
    place.parent.mkdir(parents=True, exist_ok=True)
    _clear(place.parent)
    beside = Path(tempfile.mkdtemp(prefix=f".{place.name}-", dir=place.parent))
    try:
        run_uv(processes, "venv", "--no-project", "--allow-existing", "--python", str(base), str(beside))
        python = beside / "bin" / "python"
        at = (*cutoff_options(target), "--python", str(python), *source_options(requirements))
        with _installable(target, requirements) as wanted:
            run_uv(processes, "pip", "install", *at, *wanted)
        found = _inspect(python)
        built = msgspec.structs.replace(
            found, interpreter=str(place / "bin" / "python"), packages=_told_apart(target, found.packages)
        )
        (beside / _RECORD).write_bytes(msgspec.json.encode(built, order="deterministic"))
        _settle(beside, place)
    finally:
        shutil.rmtree(beside, ignore_errors=True)


@contextlib.contextmanager
def _installable(target: Target, requirements: tuple[str, ...]) -> Iterator[list[str]]:
    """What uv is asked to install: a commit is a folder with its files, as long as the context lasts."""
    if target.git is None:
        yield list(requirements)
        return
    with worktree(target.git) as folder:
        mark = f"{target.git.package} @ {target.git.commit}"
        yield [str(folder) if requirement == mark else requirement for requirement in requirements]


def _told_apart(target: Target, packages: dict[str, str]) -> dict[str, str]:
    """The packages, a commit under a version of its own: it states that of the release before or after it."""
    return {**packages, **({target.git.package: target.git.local_version} if target.git else {})}


def _clear(root: Path) -> None:
    """Remove what builds that were killed left behind."""
    for left in root.glob(".*-*"):
        # Another run may be faster.
        with contextlib.suppress(FileNotFoundError):
            if time.time() - left.stat().st_mtime > ABANDONED:
                shutil.rmtree(left, ignore_errors=True)


def _settle(beside: Path, place: Path) -> None:
    """Rename into place; where another run was faster, its environment is as good as ours."""
    try:
        beside.rename(place)
    except OSError:
        if not (place / _RECORD).exists():
            raise

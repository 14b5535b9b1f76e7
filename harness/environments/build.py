"""Environments under test: built once by uv for a target, keyed by everything that decides their content.

An environment is built in a temporary folder and renamed into place, so that two runs can build the same one and a
killed run leaves no partial environment in place; old temporary folders are removed. Resolution stops at the target's
cut-off: the same target has the same packages next year.
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
"""Packages that some tools install into every environment; they are not under test."""

ABANDONED = 24 * 3600.0
"""Seconds after which a temporary folder of a build is removed."""

OWN_EXTRAS = {"h2": "http2", "socksio": "socks", "trio": "trio"}
"""The extra of clients and pools that installs a package which a scenario needs."""

RECIPE = 1
"""The number of the build procedure: part of the key, so that environments of an earlier procedure are not used."""

_RECORD = "poolgate.json"

_asking = threading.Lock()
"""Many cells start at once: the first one queries an interpreter, the others use the cached answer."""

_unresolvable: set[tuple[str, ...]] = set()
"""Requirements without a solution, so that the many cells of a target try them once."""


class Environment(msgspec.Struct, frozen=True, kw_only=True):
    """An existing environment: its interpreter, the full Python version, and every package in it."""

    interpreter: str
    python: str
    packages: dict[str, str]

    @property
    def client(self) -> str:
        """The package that the worker imports: the client, or the bare pool without a client.

        Raises UninstallableError if the environment has neither.
        """
        if (name := imported(self.packages)) is None:
            raise UninstallableError(f"{self.interpreter} has none of {', '.join((*CLIENTS, *POOLS))}")
        return name


_decode = msgspec.json.Decoder(Environment).decode
"""Made here, in one thread: two threads that decode the first values of a type crash the interpreter in msgspec."""


def environment_key(requirements: tuple[str, ...], python: str, cutoff: str) -> str:
    """Return the name of the environment's folder: a digest of everything that decides its content."""
    parts = {
        "recipe": RECIPE,
        "requirements": sorted(requirements),
        "python": python,
        "cutoff": cutoff,
        "platform": f"{platform.system()}-{platform.machine()}".lower(),
    }
    return hashlib.sha256(msgspec.json.encode(parts, order="deterministic")).hexdigest()[:20]


def environment_for(processes: Processes, target: Target, extras: tuple[str, ...] = ()) -> Environment:
    """Return the environment of a target with extra packages, built if needed.

    Raises UninstallableError with the reason if it can't be installed here, RegistryError if that can't be determined.
    """
    if target.impossible is not None:
        raise UninstallableError(target.impossible)
    try:
        if target.interpreter is not None:
            return _checked(_inspect(target.interpreter), extras)
        plain = _built(processes, target, target.requirements)
        # A package that the target has already is not requested again: without a version it would change others.
        missing = _missing(plain, extras)
        return _extended(processes, target, plain, missing) if missing else plain
    except InterpreterError as error:
        raise UninstallableError(str(error)) from None
    except (OSError, msgspec.DecodeError) as error:
        raise PoolgateError(f"the environment of {target.spec} is broken ({error}); see `poolgate doctor`") from None


def _extended(processes: Processes, target: Target, plain: Environment, missing: list[str]) -> Environment:
    """Return the plain environment with extras: the same versions if these resolve, else the versions that uv finds."""
    wanted = _with_extras(target, plain, missing)
    requirements = (*wanted, *_plain_pins(target, plain))
    if requirements not in _unresolvable:
        try:
            return _built(processes, target, requirements)
        except UninstallableError:
            _unresolvable.add(requirements)
    return _built(processes, target, wanted)


def _plain_pins(target: Target, plain: Environment) -> list[str]:
    """Return a pin for each package of the plain environment; the package of a commit has no version to pin."""
    commit = target.git.package if target.git else None
    return [f"{name}=={version}" for name, version in plain.packages.items() if name != commit]


def _built(processes: Processes, target: Target, requirements: tuple[str, ...]) -> Environment:
    with _asking:
        base = _base_of(target)
        version = _version_of(base)
    place = environments_root() / environment_key(requirements, version, target.cutoff)
    if not (place / _RECORD).exists():
        _build(processes, place, base, requirements, target)
    return _decode((place / _RECORD).read_bytes())


def _base_of(target: Target) -> Path:
    for python in target.pythons:
        if found := uv.find(python):
            return found
    wanted = ", ".join(target.pythons) or "another version than those that poolgate supports"
    raise UninstallableError(f"{target.spec} needs Python {wanted}, which is not on this machine")


@functools.cache
def _version_of(base: Path) -> str:
    return ask(base).version


def _inspect(interpreter: Path) -> Environment:
    """Return the environment of an interpreter, read from the metadata of its packages."""
    answer = ask(interpreter)
    # Of a package that is installed twice, the first one is imported.
    found = reversed(list(distributions(path=list(answer.site_packages))))
    packages = {str(canonicalize_name(package.metadata["Name"])): package.version for package in found}
    kept = {name: version for name, version in sorted(packages.items()) if name not in SEEDS}
    return Environment(interpreter=str(interpreter), python=answer.version, packages=kept)


def _checked(environment: Environment, extras: tuple[str, ...]) -> Environment:
    """Return an environment that poolgate must not change; raises UninstallableError if it lacks an extra."""
    if missing := _missing(environment, extras):
        raise UninstallableError(f"{environment.interpreter} lacks {', '.join(missing)}, which this scenario needs")
    return environment


def _with_extras(target: Target, plain: Environment, extras: list[str]) -> tuple[str, ...]:
    """Return the requirements with extras: extras that the pins declare themselves, in the versions that they require.

    An anyio in the plain environment is requested with its trio extra, through which most clients use trio.
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
    folder = Path(tempfile.mkdtemp(prefix=f".{place.name}-", dir=place.parent))
    try:
        run_uv(processes, "venv", "--no-project", "--allow-existing", "--python", str(base), str(folder))
        python = folder / "bin" / "python"
        at = (*cutoff_options(target), "--python", str(python), *source_options(requirements))
        with _installable(target, requirements) as wanted:
            run_uv(processes, "pip", "install", *at, *wanted)
        found = _inspect(python)
        built = msgspec.structs.replace(
            found, interpreter=str(place / "bin" / "python"), packages=_marked(target, found.packages)
        )
        (folder / _RECORD).write_bytes(msgspec.json.encode(built, order="deterministic"))
        _settle(folder, place)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextlib.contextmanager
def _installable(target: Target, requirements: tuple[str, ...]) -> Iterator[list[str]]:
    """Yield the arguments of `uv pip install`: a commit is a folder with its files, which exists during the context."""
    if target.git is None:
        yield list(requirements)
        return
    with worktree(target.git) as folder:
        mark = f"{target.git.package} @ {target.git.commit}"
        yield [str(folder) if requirement == mark else requirement for requirement in requirements]


def _marked(target: Target, packages: dict[str, str]) -> dict[str, str]:
    """Return the packages; a commit gets a version of its own, because it states the version of a release."""
    return {**packages, **({target.git.package: target.git.local_version} if target.git else {})}


def _clear(root: Path) -> None:
    """Remove old temporary folders of builds that were killed."""
    for left in root.glob(".*-*"):
        # Another run may have removed it.
        with contextlib.suppress(FileNotFoundError):
            if time.time() - left.stat().st_mtime > ABANDONED:
                shutil.rmtree(left, ignore_errors=True)


def _settle(folder: Path, place: Path) -> None:
    """Rename a folder into place; if another run was faster, its environment is used."""
    try:
        folder.rename(place)
    except OSError:
        if not (place / _RECORD).exists():
            raise

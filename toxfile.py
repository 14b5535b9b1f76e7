"""tox by any name: the environments of the matrix come from poolgate's catalogue of releases.

`tox` runs the curated list and closes with the grid. `tox -e py311-httpx0.25.0` takes any release, and
`tox -e py311-httpx0.24.1-httpcore0.17.2` a pair.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable

from tox.config.loader.memory import MemoryLoader
from tox.config.sets import ConfigSet, EnvConfigSet
from tox.plugin import impl
from tox.session.state import State

try:
    from poolgate import catalogue, interpreters, targets
except ImportError:
    raise SystemExit("this tox can't see poolgate: `make matrix` sets one up, then use .venv/bin/tox") from None

GRID = "grid"
_asked: list[str] = []
"""What `-e` names: a valid name is an environment, whether the curated list has it or not."""


def pins(environment: str) -> list[str]:
    """The requirements that a name such as `py311-httpx0.25.0` stands for."""
    return [pin for factor in environment.split("-") for pin in _known(factor)]


def _known(factor: str) -> list[str]:
    """The release that a factor names; the catalogue tells httpx2 2.0.0 from an httpx 22.0.0."""
    releases = catalogue.load().packages
    return [
        f"{package}=={release.version}"
        for package in releases
        for release in releases[package]
        if factor == f"{package}{release.version}"
    ]


def named(spec: str) -> str:
    """The name of the environment of a target."""
    python = targets.parse(spec).pythons[0].replace(".", "")
    return "-".join([f"py{python}", spec.replace("==", "")])


@impl
def tox_extend_envs() -> Iterable[str]:
    # A generator: tox asks for it before, and reads it after, it has read its options.
    yield from _matrix()
    yield from (name for name in _asked if pins(name))


@impl
def tox_add_core_config(core_conf: ConfigSet, state: State) -> None:
    # The interpreter that has poolgate, for the commands in tox.ini; and the interpreters of pyenv, wherever they are.
    os.environ.setdefault("POOLGATE_PYTHON", sys.executable)
    os.environ["PATH"] = interpreters.uv_environment()["PATH"]
    _asked.extend(getattr(state.conf.options, "env", None) or [])
    core_conf.loaders.insert(0, MemoryLoader(env_list=",".join(_matrix())))


@impl
def tox_add_env_config(env_conf: EnvConfigSet, state: State) -> None:
    if env_conf.name == GRID:
        env_conf.loaders.insert(0, MemoryLoader(depends=",".join(_matrix()[:-1])))
    elif wanted := pins(env_conf.name):
        # Resolution stops at the catalogue's cut-off, as it does without tox: the same name is the same packages.
        limits = f"UV_EXCLUDE_NEWER={catalogue.load().cutoff}"
        env_conf.loaders.insert(0, MemoryLoader(deps="\n".join(wanted), set_env=limits))


def _matrix() -> list[str]:
    return [*map(named, catalogue.curated()), GRID]

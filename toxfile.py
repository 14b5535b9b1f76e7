"""tox by any name: the environments of the matrix come from poolgate's catalogue of releases.

`tox` runs the curated list and closes with the grid. `tox -e py311-httpx0.25.0` takes any release, and
`tox -e py311-httpx0.24.1-httpcore0.17.2` a pair.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable

from tox.config.loader.memory import MemoryLoader
from tox.config.sets import ConfigSet, EnvConfigSet
from tox.plugin import impl
from tox.session.state import State

from poolgate import catalogue, targets

GRID = "grid"
_FACTOR = re.compile(r"^([a-z]+2?)(\d.*)$")


def pins(environment: str) -> list[str]:
    """The requirements that a name such as `py311-httpx0.25.0` stands for."""
    factors = [_FACTOR.match(factor) for factor in environment.split("-")]
    return [f"{match[1]}=={match[2]}" for match in factors if match and match[1] in catalogue.PACKAGES]


def named(spec: str) -> str:
    """The name of the environment of a target."""
    python = targets.parse(spec).pythons[0].replace(".", "")
    return "-".join([f"py{python}", spec.replace("==", "")])


@impl
def tox_extend_envs() -> Iterable[str]:
    return [*map(named, catalogue.curated()), GRID]


@impl
def tox_add_core_config(core_conf: ConfigSet, state: State) -> None:
    core_conf.loaders.insert(0, MemoryLoader(env_list=list(tox_extend_envs())))


@impl
def tox_add_env_config(env_conf: EnvConfigSet, state: State) -> None:
    if env_conf.name == GRID:
        env_conf.loaders.insert(0, MemoryLoader(depends=list(map(named, catalogue.curated()))))
    elif wanted := pins(env_conf.name):
        env_conf.loaders.insert(0, MemoryLoader(deps="\n".join(wanted)))

"""tox by any name: the environments of the matrix come from poolgate's catalogue of releases.

tox                                        the curated list, then the grid
tox -e py311-httpx0.25.0-httpcore0.18.0    any release or pair, on any installed Python
tox -m httpcore:1.0.0..                    a release line or a part of it, each pool with its partner, and the grid
tox -f httpx2 py312                        the same with `-f`, together with other factors
"""

from __future__ import annotations

import itertools
import os
import re
import sys
from collections.abc import Iterable

from tox.config.loader.memory import MemoryLoader
from tox.config.main import Config
from tox.config.sets import ConfigSet, EnvConfigSet
from tox.plugin import impl
from tox.report import HandledError
from tox.session.state import State

try:
    from poolgate.catalogue import releases
    from poolgate.catalogue.packages import CLIENTS, LINES
    from poolgate.cells.select import select
    from poolgate.environments import uv
    from poolgate.environments.build import environment_for
    from poolgate.environments.uv import source_options
    from poolgate.errors import PoolgateError, UsageError
    from poolgate.processes import Processes
    from poolgate.scenarios.declaration.scenario import needs
    from poolgate.targets import parse
    from poolgate.targets import target as targets
except ImportError:
    raise SystemExit("this tox can't import poolgate: run `make matrix` once, then use .venv/bin/tox") from None

GRID = "grid"
_OWN = {GRID, "ALL"}
"""Environment names that are not releases."""

_PYTHON = re.compile(r"^py(3)\.?(\d+)$")
_requested: list[str] = []
"""Names given with `-e`: any valid name is an environment, also outside the curated list."""
_labels: dict[str, list[str]] = {}
"""The lines given with `-m` and `-f`, each with its environments."""


def target_of(environment: str) -> targets.Target:
    """Return the target of a name such as `py311-httpx0.24.1-httpcore0.17.2`; raises UsageError."""
    first, *factors = environment.split("-")
    python = _PYTHON.match(first)
    if python is None or not factors:
        raise UsageError(f"{environment} is not an environment; write a Python and releases, such as py311-httpx0.25.0")
    try:
        return parse.parse(f"{','.join(map(_pin, factors))}@{'.'.join(python.groups())}")
    except UsageError as error:
        raise UsageError(f"{environment}: {error}") from None


def _pin(factor: str) -> str:
    """Return the requirement of a factor; the catalogue distinguishes httpx2 2.0.0 from an httpx 22.0.0."""
    known = releases.load().packages
    readings = [(name, factor.removeprefix(name)) for name in known if re.match(rf"{name}\d", factor)]
    if not readings:
        raise UsageError(f"{factor!r} names no release of {', '.join(known)}; write it like httpx0.25.0")
    existing = [(name, version) for name, version in readings if any(version == own.version for own in known[name])]
    return "==".join((existing or readings)[-1])


def named(target: targets.Target) -> str:
    """Return the environment name of a target, on the first of its Pythons that this machine has."""
    python = next(filter(uv.find, target.pythons), target.pythons[0])
    client_first = sorted(target.pins, key=lambda pin: pin[0] not in CLIENTS)
    return "-".join([f"py{python.replace('.', '')}", *map("".join, client_first)])


def line(text: str) -> list[str]:
    """Return the environments of `LINE[:FROM..TO]`; a release without a client or a known Python has none."""
    name = text.partition(":")[0]
    candidates = (parse.parse_release(name, release.version) for release in releases.load().line(text))
    return [named(target) for target in candidates if target.impossible is None and target.pythons]


def _curated() -> list[str]:
    return [*(named(parse.parse(spec)) for spec in releases.curated()), GRID]


def _known() -> list[str]:
    """Return every environment of this run once."""
    return list(dict.fromkeys(itertools.chain(_curated(), _requested, *_labels.values())))


def _of_factors(words: list[str]) -> list[str]:
    """Return the environments of the line among these factors that have all other factors."""
    (name, *_), others = _lines(words), set(words) - set(_lines(words))
    return [environment for environment in line(name) if others <= set(environment.split("-"))]


def _lines(words: list[str]) -> list[str]:
    return [word for word in words if word.partition(":")[0] in LINES]


def _read(state: State) -> None:
    """Read the environments, labels and factors among the options; raises UsageError for an invalid one."""
    options = state.conf.options
    _requested.extend(name for name in getattr(options, "env", None) or [] if name not in _OWN)
    for name in _requested:
        target_of(name)
    for text in getattr(options, "labels", []):
        _labels[text] = [*line(text), GRID]
    for words in [words for words in getattr(options, "factors", []) if _lines(words)]:
        # No environment name has a line as a factor: the line becomes a label.
        options.factors.remove(words)
        options.labels = [*options.labels, " ".join(words)]
        _labels[" ".join(words)] = [*_of_factors(words), GRID]


def _extras(words: Iterable[str]) -> list[str]:
    """Return the packages that scenarios need in addition to a client: those after `--`, and always the core ones."""
    requested = list(itertools.takewhile(lambda word: not word.startswith("-"), words))
    try:
        chosen = select(["core", *requested])
    except PoolgateError:
        # `poolgate run` receives the same words and reports the error.
        chosen = select(["core"])
    return sorted({extra for scenario, variant in chosen for extra in needs(scenario, variant)})


class _Resolved(MemoryLoader):
    """A configuration of an environment that resolves packages when tox needs them, not when it lists names."""

    def __init__(self, target: targets.Target, extras: list[str], **known: str) -> None:
        super().__init__(deps=None, **known)
        self._target, self._extras = target, extras

    def load_raw(self, key: str, conf: Config | None, env_name: str | None) -> object:
        return _packages(self._target, self._extras) if key == "deps" else super().load_raw(key, conf, env_name)


def _packages(target: targets.Target, extras: list[str]) -> str:
    """Return the lines of `deps`: exactly the packages with which `poolgate run` measures the target.

    A target that can't be resolved keeps its requirements, and tox reports why the installation fails.
    """
    try:
        packages = environment_for(Processes(), target, tuple(extras)).packages
    except PoolgateError:
        pins = [*target.requirements, *extras]
    else:
        pins = [f"{name}=={version}" for name, version in packages.items()]
    return "\n".join([*source_options(target.requirements), *pins])


@impl
def tox_extend_envs() -> Iterable[str]:
    # A generator, since tox calls this before it has read its options, and iterates afterwards.
    yield from _known()


@impl
def tox_add_core_config(core_conf: ConfigSet, state: State) -> None:
    # The interpreter with poolgate, for the commands in tox.ini, and the interpreters of pyenv.
    os.environ.setdefault("POOLGATE_PYTHON", sys.executable)
    # As everywhere else, uv does not download a missing interpreter.
    settings = uv.uv_environment()
    os.environ.update({name: settings[name] for name in ("PATH", "UV_PYTHON_DOWNLOADS")})
    try:
        _read(state)
    except PoolgateError as error:
        raise HandledError(str(error)) from None
    labels = {text: ",".join(names) for text, names in _labels.items()}
    core_conf.loaders.insert(0, MemoryLoader(env_list=",".join(_curated()), labels=labels))


@impl
def tox_add_env_config(env_conf: EnvConfigSet, state: State) -> None:
    if env_conf.name == GRID:
        env_conf.loaders.insert(0, MemoryLoader(depends=",".join(name for name in _known() if name not in _OWN)))
    elif _PYTHON.match(env_conf.name.partition("-")[0]):
        # The packages are those of `poolgate run`. The cut-off applies to build requirements of a source distribution.
        target, extras = target_of(env_conf.name), _extras(state.conf.pos_args(None) or ())
        limits = f"UV_EXCLUDE_NEWER={target.cutoff}"
        env_conf.loaders.insert(0, _Resolved(target, extras, set_env=limits))

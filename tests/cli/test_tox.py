"""tox accepts any valid name, and takes its list, labels and packages from the catalogue."""

from __future__ import annotations

import importlib.util
import os
import re
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest
from conftest import ROOT

from poolgate.catalogue.packages import LINES
from poolgate.catalogue.releases import curated, load
from poolgate.environments.build import environment_for
from poolgate.errors import UsageError
from poolgate.processes import Processes
from poolgate.scenarios import declared
from poolgate.scenarios.declaration.scenario import needs
from poolgate.targets.parse import parse

PATIENCE = 300.0
"""Seconds after which tox counts as hanging."""
EXTRAS = {extra for scenario in declared().values() if scenario.core for extra in needs(scenario, {})}


def loaded(path: Path) -> ModuleType:
    """Load a module by its path, as tox does."""
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


toxfile = loaded(ROOT / "toxfile.py")
PY = toxfile.named(parse("httpx==0.28.1")).partition("-")[0]
"""The default Python of a release on this machine."""


def tox(*words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "tox", "--root", str(ROOT), "--colored", "no", *words]
    # Without the variables of a tox in which these tests may run.
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("TOX")}
    return subprocess.run(
        command, capture_output=True, text=True, check=False, timeout=PATIENCE, env={**inherited, **environment}
    )


def listed(*words: str, **environment: str) -> list[str]:
    """Return the names of the environments that a selection runs, in its order."""
    ran = tox("list", "--no-desc", *words, **environment)
    assert ran.returncode == 0, ran.stderr
    return [line.split()[0] for line in ran.stdout.splitlines() if line and not line.endswith("environments:")]


def config(*words: str) -> dict[str, list[str]]:
    """Return the lines of one key from `tox config`, by environment."""
    ran = tox("config", *words)
    assert ran.returncode == 0, ran.stderr
    parts = [part.splitlines() for part in ran.stdout.replace(" = ", " =\n").split("[testenv:")[1:]]
    return {name.rstrip("]"): [line.strip() for line in lines if line.strip()] for name, _, *lines in parts}


def test_the_default_is_the_curated_list_and_the_grid() -> None:
    names = listed()
    assert names[-1] == "grid"
    assert len(names) == len(curated()) + 1
    assert {f"{PY}-httpx0.12.1", f"{PY}-httpx0.28.1", f"{PY}-httpx22.0.0", f"{PY}-httpxyz0.42.1"} < set(names)


def test_a_line_is_a_label_and_ends_in_the_grid() -> None:
    newer = [f"{PY}-httpx2{release.version}" for release in load().line("httpx2:2.15.0..")]
    assert set(listed("-m", "httpx2:2.15.0..")) == {*newer, "grid"}
    assert set(listed("-f", "httpx2:2.15.0..", PY)) == {*newer, "grid"}
    assert set(listed("-f", "httpx2", "py36")) == {"grid"}


@pytest.mark.parametrize(
    ("words", "more"),
    [
        ((), set()),
        (("h2-streams", "socks-fault", "--repeats", "1"), {"h2", "socksio"}),
        (("sequential-reuse",), set()),
        (("no-such-scenario",), set()),
    ],
)
def test_an_environment_has_what_the_scenarios_after_the_dashes_need(words: tuple[str, ...], more: set[str]) -> None:
    """It also has what the core scenarios need. An unknown scenario is reported later, by `poolgate run`."""
    assert set(toxfile._extras(words)) == EXTRAS | more
    name = f"{PY}-httpx0.28.1"
    pins = config("-e", name, "-k", "deps", "--", *words)[name]
    assert {pin.partition("==")[0] for pin in pins} > {"httpx", *EXTRAS, *more}
    assert set(pins) == measured_with("httpx==0.28.1", *EXTRAS, *more)


def test_a_pool_is_listed_with_its_client_if_it_has_one() -> None:
    names = set(listed("-m", "httpcore"))
    assert {f"{PY}-httpx0.24.1-httpcore0.17.2", f"{PY}-httpx0.28.1-httpcore1.0.9", "grid"} < names
    assert f"{PY}-httpcore0.8.4" in names


def test_the_grid_waits_for_all_selected_environments() -> None:
    waits = config("-m", "httpxyz", "-k", "depends")["grid"]
    assert {f"{PY}-httpxyz0.30.0", f"{PY}-httpx0.28.1"} < set(waits)
    assert "py39-httpx0.27.1" in config("-e", "py39-httpx0.27.1,grid", "-k", "depends")["grid"]


NAMES = {
    "py311-httpx0.25.0-httpcore0.18.0": ("httpx==0.25.0,httpcore==0.18.0@3.11", ()),
    "py36-httpx0.12.1": ("httpx==0.12.1@3.6", ()),
    "py38-httpcore1.0.2": ("httpcore==1.0.2@3.8", ()),
    "py312-httpx22.0.0": ("httpx2==2.0.0@3.12", ()),
    "py311-httpx0.9.0": ("httpx==0.9.0@3.11", ("--no-binary httpx",)),
    "py311-httpx0.20.0": ("httpx==0.20.0@3.11", ()),
    "py311-httpcore0.13.0": ("httpcore==0.13.0@3.11", ()),
}
"""Environments with their targets and options; in two of them a request for anyio would change other packages."""


def measured_with(spec: str, *extras: str) -> set[str]:
    """Return the packages with which `poolgate run` measures a target, as pins."""
    packages = environment_for(Processes(), parse(spec), extras).packages
    return {f"{name}=={version}" for name, version in packages.items()}


def test_a_name_selects_the_packages_that_poolgate_installs() -> None:
    """They include the other half of a pair, and exclude an unusable wheel."""
    pins = config("-e", ",".join(NAMES), "-k", "deps")
    for name, (spec, options) in NAMES.items():
        assert set(pins[name]) == {*measured_with(spec, *EXTRAS), *options}, name
    limits = config("-e", "py36-httpx0.12.1", "-k", "set_env")["py36-httpx0.12.1"]
    assert f"UV_EXCLUDE_NEWER={load().cutoff}" in limits


def test_tox_installs_the_same_packages_as_run(tmp_path: Path) -> None:
    """The installed packages are equal, not only the requested ones, even if a scenario needs more of them."""
    name = f"{PY}-httpx0.20.0"
    ran = tox("run", "--notest", "--workdir", str(tmp_path), "-e", name, "--", "h2-streams")
    assert ran.returncode == 0, ran.stdout
    installed = environment_for(Processes(), parse(f"python:{tmp_path / name}")).packages
    assert {f"{package}=={version}" for package, version in installed.items()} == measured_with("httpx==0.20.0", "h2")


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("py311-httpx9.9", "py311-httpx9.9: httpx '9.9' is not in the catalogue; nearest: 0.28.1"),
        ("py311-httpy1.0", "'httpy1.0' names no release of httpx, httpcore"),
        ("httpx0.25.0", "write a Python and releases, such as py311-httpx0.25.0"),
        ("py311", "write a Python and releases, such as py311-httpx0.25.0"),
        ("py35-httpx0.25.0", "'3.5' is no Python that poolgate knows; it knows 3.6"),
    ],
)
def test_an_invalid_name_is_reported_with_the_remedy(name: str, expected: str) -> None:
    with pytest.raises(UsageError, match=re.escape(expected)):
        toxfile.target_of(name)


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (("-e", "py311-httpx9.9"), "httpx '9.9' is not in the catalogue"),
        (("-m", "httpy"), "'httpy' is no release line; write LINE or LINE:FROM..TO"),
        (("-m", "httpx:0.28.0..0.27.0"), "httpx:0.28.0..0.27.0 selects no release"),
    ],
)
def test_tox_prints_the_message_of_an_error(words: tuple[str, str], expected: str) -> None:
    ran = tox("run", "--notest", *words)
    assert ran.returncode != 0
    assert expected in ran.stdout + ran.stderr
    assert "Traceback" not in ran.stdout + ran.stderr


def test_every_supported_release_has_a_name_that_is_read_back() -> None:
    for name in LINES:
        for environment in toxfile.line(name):
            assert toxfile.named(toxfile.target_of(environment)) == environment


def test_a_missing_interpreter_is_skipped_and_reported(tmp_path: Path) -> None:
    nothing = {"PATH": "/nowhere", "PYENV_ROOT": "/nowhere", "UV_PYTHON_INSTALL_DIR": str(tmp_path)}
    ran = tox("run", "--workdir", str(tmp_path), "--notest", "-e", "py36-httpx0.12.1", **nothing)
    assert "could not find python interpreter" in ran.stdout
    assert "py36-httpx0.12.1: SKIP" in ran.stdout


def test_no_interpreter_is_downloaded(tmp_path: Path) -> None:
    """uv could download 3.12, but does not; the environment is skipped like any other."""
    nothing = {"PATH": "/nowhere", "PYENV_ROOT": "/nowhere", "UV_PYTHON_INSTALL_DIR": str(tmp_path)}
    nowhere = {"UV_PYTHON_INSTALL_MIRROR": "http://127.0.0.1:9", "UV_HTTP_RETRIES": "0"}
    ran = tox("run", "-vvv", "--workdir", str(tmp_path), "--notest", "-e", "py312-httpx0.28.1", **nothing, **nowhere)
    assert "py312-httpx0.28.1: SKIP" in ran.stdout
    assert "127.0.0.1:9" not in ran.stdout + ran.stderr


def test_a_pair_from_its_name_to_the_grid(tmp_path: Path) -> None:
    name = f"{PY}-httpx0.25.0-httpcore0.18.0"
    ran = tox("run-parallel", "--workdir", str(tmp_path), "-e", f"{name},grid")
    assert f"{name}: OK" in ran.stdout, ran.stdout
    assert "grid: OK" in ran.stdout
    assert "| httpx==0.25.0,httpcore==0.18.0 | 3." in ran.stdout

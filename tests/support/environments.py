"""Real environments for tests: built by poolgate itself, some of them with a bad pool planted."""

from __future__ import annotations

import shutil
from pathlib import Path

from conftest import ROOT

from poolgate.environments.build import Environment, environment_for
from poolgate.processes import Processes
from poolgate.targets.parse import parse

PLANTED = ROOT / "tests" / "planted"


def built(spec: str, extras: tuple[str, ...] = ()) -> Environment:
    """Return the environment of a target with the packages that a scenario needs, built once."""
    return environment_for(Processes(), parse(spec), extras)


def plant(name: str, spec: str, place: Path, extras: tuple[str, ...] = ()) -> str:
    """A copy of a target's environment with a bad pool in it; returns it as a SPEC."""
    shutil.copytree(Path(built(spec, extras).interpreter).parent.parent, place, symlinks=True)
    (site_packages,) = place.glob("lib/python3*/site-packages")
    shutil.copy(PLANTED / f"{name}.py", site_packages / f"planted_{name}.py")
    (site_packages / "planted.pth").write_text(f"import planted_{name}\n")
    return f"python:{place}"

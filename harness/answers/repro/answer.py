"""The answer of `repro`: one file that shows on any machine what a scenario shows here."""

from __future__ import annotations

from typing import Literal

import msgspec

from ...cells.cell import variant_name
from ...cells.commands import repro_command
from ...cells.select import select
from ...environments.build import environment_for
from ...errors import UsageError
from ...processes import Processes
from ...scenarios.declaration.scenario import needs
from ...targets.parse import parse
from .client_api import read_client_api
from .script import script


class ReproAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """The answer of `repro`: the script, and the exact packages that it pins."""

    schema: Literal["poolgate/repro"] = "poolgate/repro"
    version: Literal[1] = 1
    scenario: str
    variant: dict[str, str]
    target: str
    python: str
    packages: dict[str, str]
    script: str


def repro(asked: str, spec: str) -> ReproAnswer:
    """Return a script that shows a scenario on a release; its environment is built for the pins, nothing is measured.

    Raises UsageError where there is no such script or the target is a commit, UninstallableError where the target can't
    exist here.
    """
    selected = select([asked])
    if len(selected) != 1:
        raise UsageError(f"{asked!r} is more than one scenario variant; repro takes one")
    ((scenario, variant),) = selected
    target = parse(spec)
    if target.git is not None:
        raise UsageError(f"{spec} is a commit of a local clone: only releases can be pinned for another machine")
    environment = environment_for(Processes(), target, needs(scenario, variant))
    name = variant_name(scenario.id, variant)
    command = repro_command(name, spec)
    return ReproAnswer(
        scenario=scenario.id,
        variant=variant,
        target=spec,
        python=environment.python,
        packages=environment.packages,
        script=script(scenario, variant, environment, read_client_api(environment), command),
    )

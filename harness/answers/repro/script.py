"""Writes a scenario as one script without poolgate: a server and a client, what is due and what happens.

The plan of the script is the load of the scenario and what the ideal pool makes of it; the client has the names of its
release. A load that a script can't play in full is refused.
"""

from __future__ import annotations

import textwrap

from ...catalogue import releases
from ...catalogue.packages import PACKAGES
from ...cells.cell import variant_name
from ...environments.build import Environment
from ...environments.uv import source_options
from ...errors import UsageError
from ...ledger.parts import kind_of
from ...scenarios.declaration.scenario import Load, Scenario, Variant, complete, load_of
from ...targets.target import minor
from .bundle import bundle
from .client_api import ClientApi
from .layout import WIDTH, packed
from .load_script import load_code, own_source
from .short_script import short_code
from .sources import imports_for, part
from .sweep_script import NoSuchStyleError, Sweep, sweep_code


def script(scenario: Scenario, variant: Variant, environment: Environment, api: ClientApi, command: str) -> str:
    """Return the script's text, with a line end; raises UsageError where there is none for the scenario or release."""
    whole = complete(scenario, variant)
    load = load_of(scenario, whole)
    name = variant_name(scenario.id, variant)
    try:
        code = _code(scenario, whole, load, environment, api)
    except NoSuchStyleError as error:
        raise UsageError(f"{name} has no script: {error}") from None
    except UsageError as error:
        raise UsageError(f"{name} has no script of one file: {error}; `poolgate run` measures it") from None
    about = f"{name} on {stack_of(environment)}\n\n{_about(scenario, command)}"
    return "\n".join([_metadata(environment), f'"""{about}\n"""', _start(code, scenario, environment), code])


def _code(scenario: Scenario, variant: Variant, load: Load, environment: Environment, api: ClientApi) -> str:
    """Return the script without its head."""
    if kind_of(scenario) != "load":
        return sweep_code(Sweep(scenario, variant, load, environment.client, environment.python, api))
    # Carried word for word, a core scenario takes twice as many lines: too many to be pasted into an issue.
    if scenario.core and load.backend == "asyncio" and len({request.ending for request in load.requests}) < 2:
        return short_code(scenario, load, environment.client, api)
    return load_code(scenario, variant, load, environment.client, api)


def _metadata(environment: Environment) -> str:
    """Return the comment from which uv makes the environment (PEP 723)."""
    pins = packed([f'"{name}=={version}",' for name, version in environment.packages.items()], "#     ")
    python = f'# requires-python = "=={minor(environment.python)}.*"'
    return f"# /// script\n{python}\n# dependencies = [\n{pins}\n# ]\n{_tool(environment)}# ///"


def _start(code: str, scenario: Scenario, environment: Environment) -> str:
    """Return the imports and what every script begins with; a package that can't be imported is one line too."""
    imports, packages = imports_for(f"sys, os\n{code}", own_source(scenario), environment.client)
    unable = bundle([part("unable")], ["unable"]).rstrip()
    stack = f'STACK = "{stack_of(environment)}"'
    return f"{imports}\n\n{stack}\n{unable}\n\nsys.excepthook = unable\n{packages}\n\n{_UNIT}"


_UNIT = """\
UNIT = float(sys.argv[1]) if len(sys.argv) > 1 else 0.25  # seconds; all times are in units; longer on a slow machine
TRY = int(sys.argv[2]) if len(sys.argv) > 2 else 1"""


def stack_of(environment: Environment) -> str:
    """Return the client and its pool with their versions, in words."""
    return ", ".join(f"{name} {environment.packages[name]}" for name in PACKAGES if name in environment.packages)


def _about(scenario: Scenario, command: str) -> str:
    text = f"{scenario.requirement} See {', '.join(scenario.references)}."
    text += " Exit code 1: it shows the defect, 0: it does not, 3: this machine is too slow to tell."
    lines = textwrap.wrap(text, WIDTH, break_long_words=False, break_on_hyphens=False)
    return "\n".join([*lines, f"Written by `{command}`."])


def _tool(environment: Environment) -> str:
    """Return the options that build releases without a usable wheel from sdists, with tools of the catalogue's day."""
    known = releases.load().packages
    pins = tuple(f"{name}=={version}" for name, version in environment.packages.items() if name in known)
    names = [option.partition("=")[2] for option in source_options(pins)]
    if not names:
        return ""
    quoted = ", ".join(f'"{name}"' for name in names)
    return f'# [tool.uv]\n# no-binary-package = [{quoted}]\n# exclude-newer = "{releases.load().cutoff}"\n'

"""Requirements missing from a release's metadata: it always imports them, but at most an extra requires them.

httpcore 0.14.0 is an example: it can't be imported without `h2` and `certifi`.
"""

from __future__ import annotations

import re
import subprocess
from importlib.metadata import distributions
from pathlib import Path

from packaging.requirements import Requirement

from ...catalogue.packages import PACKAGES
from ...environments.interpreter import ask

# The last frame of a traceback, its line of source, the marks below it in newer Pythons, and the error.
_FAILED_IN = re.compile(
    r'site-packages/(\w+)/[^"]*", line \d+, in [^\n]*\n[^\n]*\n(?:[ ^~]*\n)?'
    r"(?:Import|ModuleNotFound)Error: (?:No module named '(\w+)')?"
)


def missing_requirements(interpreter: Path, client: str) -> list[str]:
    """Return the requirements missing for the import of the client; empty if it can be imported.

    These are the extras of the package whose import fails, without their markers, and the module that is not found.
    """
    tried = subprocess.run([interpreter, "-I", "-c", f"import {client}"], capture_output=True, text=True, check=False)
    failed = _FAILED_IN.findall(tried.stderr) if tried.returncode else []
    if not failed or failed[-1][0] not in PACKAGES:
        return []
    package, module = failed[-1]
    extras = _extras(interpreter, package)
    return sorted({*map(str, extras), *({module} - {"", *(extra.name for extra in extras)})})


def _extras(interpreter: Path, package: str) -> list[Requirement]:
    (installed,) = distributions(name=package, path=list(ask(interpreter).site_packages))
    optional = [need for need in map(Requirement, installed.requires or []) if "extra" in str(need.marker)]
    for requirement in optional:
        requirement.marker = None
    return optional

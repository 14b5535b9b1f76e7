"""What a release forgot to require: what it imports always and has only as an extra.

httpcore 0.14.0 is one: without `h2` beside it, it can't be imported at all.
"""

from __future__ import annotations

import re
import subprocess
from importlib.metadata import distributions
from pathlib import Path

from packaging.requirements import Requirement

from .catalogue import PACKAGES
from .interpreters import ask

# The last frame of a traceback, its line of source, marks below that in newer Pythons, and the error.
_FAILED_IN = re.compile(
    r'site-packages/(\w+)/[^"]*", line \d+, in [^\n]*\n[^\n]*\n(?:[ ^~]*\n)?(?:Import|ModuleNotFound)Error: '
)


def forgotten(interpreter: Path, client: str) -> list[str]:
    """The extras of the package whose import fails, as requirements without their markers; none where none fails."""
    tried = subprocess.run([interpreter, "-I", "-c", f"import {client}"], capture_output=True, text=True, check=False)
    failed = _FAILED_IN.findall(tried.stderr) if tried.returncode else []
    return _extras(interpreter, failed[-1]) if failed and failed[-1] in PACKAGES else []


def _extras(interpreter: Path, package: str) -> list[str]:
    (installed,) = distributions(name=package, path=list(ask(interpreter).site_packages))
    optional = [need for need in map(Requirement, installed.requires or []) if "extra" in str(need.marker)]
    for requirement in optional:
        requirement.marker = None
    return sorted(map(str, optional))

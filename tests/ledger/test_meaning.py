"""The digest of a module's meaning: what may change without measuring anew, and what may not."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from poolgate.ledger.meaning import digest_of

SOURCE = '''"""What this is for."""

import os
from typing import Any

from ..worker.recorder import Recorder, Record as Kept

LIMIT: int = 3
"""How many."""


class Driver:
    """Drives."""

    name: str

    def wait(self, seconds: float) -> Any:
        """Wait that long."""
        # Why.
        text = f"{seconds:.2f} of {self.name!r}"
        return os.times() if seconds > 0.5 else text
'''

SAME = {
    "a docstring": SOURCE.replace("Drives.", "Runs the load of a cell."),
    "no docstring": SOURCE.replace('        """Wait that long."""\n', ""),
    "a comment": SOURCE.replace("# Why.", "# Why not."),
    "an annotation": SOURCE.replace("seconds: float", "seconds: int").replace("-> Any", "-> object"),
    "the place of an imported module": SOURCE.replace("..worker.recorder", ".recorder"),
    "the order of imports": SOURCE.replace("Recorder, Record as Kept", "Record as Kept, Recorder"),
    "the name of a local variable": SOURCE.replace("text = ", "said = ").replace("else text", "else said"),
    "spaces": SOURCE.replace("LIMIT: int = 3", "LIMIT: int = (\n    3\n)"),
}
OTHER = {
    "a name that the module binds": SOURCE.replace("text = ", "LIMIT = ").replace("else text", "else LIMIT"),
    "another variable": SOURCE.replace("else text", "else texts"),
    "a parameter": SOURCE.replace("seconds", "units"),
    "a constant": SOURCE.replace("> 0.5", "> 0.6"),
    "a comparison": SOURCE.replace("> 0.5", ">= 0.5"),
    "a text": SOURCE.replace(" of ", " in "),
    "a format": SOURCE.replace(":.2f", ":.3f"),
    "what is imported": SOURCE.replace("Recorder, Record", "Recorders, Record"),
    "another library": SOURCE.replace("import os", "import posix as os"),
    "a field": SOURCE.replace("    name: str", "    names: str"),
    "a default": SOURCE.replace("seconds: float", "seconds: float = 1.0"),
}


@pytest.mark.parametrize("changed", SAME)
def test_what_changes_nothing_when_it_runs_changes_no_digest(changed: str) -> None:
    assert SAME[changed] != SOURCE
    assert digest_of(SAME[changed]) == digest_of(SOURCE)


@pytest.mark.parametrize("changed", OTHER)
def test_what_computes_anything_else_has_another_digest(changed: str) -> None:
    assert OTHER[changed] != SOURCE
    assert digest_of(OTHER[changed]) != digest_of(SOURCE)


def test_the_words_of_a_declaration_are_for_people() -> None:
    declared = 'SCENARIO = Scenario(id="x", requirement="What must hold.", references=("a/b#1",), load=load)'
    assert digest_of(declared) == digest_of(declared.replace("must", "has to").replace("#1", "#2"))
    assert digest_of(declared) != digest_of(declared.replace('id="x"', 'id="y"'))


def test_every_python_that_runs_poolgate_computes_the_same_digest() -> None:
    """`ast.dump` would not: 3.12 adds fields to functions, 3.13 leaves empty ones out."""
    module = Path(sys.modules[digest_of.__module__].__file__ or "")
    script = (
        f"import sys; sys.path.insert(0, {str(module.parent)!r}); import meaning; print(meaning.digest_of({SOURCE!r}))"
    )
    found = {}
    for minor in ("3.11", "3.12", "3.13", "3.14"):
        interpreter = _interpreter(minor)
        if interpreter is not None:
            ran = subprocess.run([interpreter, "-c", script], capture_output=True, text=True, check=True)
            found[minor] = ran.stdout.strip()
    assert set(found.values()) == {"af49607f1178"}, found


def _interpreter(minor: str) -> str | None:
    from poolgate.environments import uv

    found = uv.find(minor)
    return str(found) if found else None

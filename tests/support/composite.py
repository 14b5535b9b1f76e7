"""A runner of composite actions: each step as GitHub runs it, with inputs and outputs in expressions and files."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

EXPRESSION = re.compile(r"\$\{\{\s*([\w.-]+)\s*\}\}")
BASH = ("bash", "--noprofile", "--norc", "-eo", "pipefail", "-c")
"""How GitHub starts a step with `shell: bash`."""


@dataclass
class Ran:
    """The exit code of the last step, the outputs of the action, its summary, and what all steps printed."""

    code: int = 0
    outputs: dict[str, str] = field(default_factory=dict)
    summary: str = ""
    log: str = ""


def run_action(text: str, inputs: Mapping[str, str], repository: Path, files: Path, variables: dict[str, str]) -> Ran:
    """Run an action in a repository; files of the runner are written below `files`. Stops at the first failing step."""
    action: dict[str, Any] = yaml.safe_load(text)
    names = {f"inputs.{name}": inputs.get(name, each["default"]) for name, each in action.get("inputs", {}).items()}
    ran, summary = Ran(), files / "summary"
    summary.touch()
    for step in action["runs"]["steps"]:
        written = files / f"output-{step['id']}"
        written.touch()
        environment = {name: _filled(str(value), names.__getitem__) for name, value in step.get("env", {}).items()}
        environment |= {"GITHUB_OUTPUT": str(written), "GITHUB_STEP_SUMMARY": str(summary), "RUNNER_TEMP": str(files)}
        script = _filled(step["run"], names.__getitem__)
        done = subprocess.run(
            [*BASH, script], cwd=repository, env=variables | environment, capture_output=True, text=True, check=False
        )
        ran.code, ran.log = done.returncode, ran.log + done.stdout + done.stderr
        lines = (line.partition("=") for line in written.read_text().splitlines())
        names |= {f"steps.{step['id']}.outputs.{name}": value for name, _, value in lines}
        if ran.code:
            break
    declared = action.get("outputs", {}).items()
    ran.outputs = {name: _filled(each["value"], lambda asked: names.get(asked, "")) for name, each in declared}
    ran.summary = summary.read_text()
    return ran


def _filled(text: str, value: Callable[[str], str]) -> str:
    """Return a text with the value of each expression, as GitHub fills it before a shell starts."""
    return EXPRESSION.sub(lambda match: value(match[1]), text)

"""The examples of docs/ci.md: they parse, name what exists, and run as far as they can without the service."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import tomli
import yaml
from conftest import ROOT
from support.composite import BASH
from support.upgrades import git, upgrade

from poolgate.answers.accepted import deviations_of
from poolgate.cli.parser import build_parser

TEXT = (ROOT / "docs" / "ci.md").read_text()
ACTION: dict[str, Any] = yaml.safe_load((ROOT / "action.yml").read_text())


def example(name: str) -> str:
    """Return the example whose first line names its file."""
    (found,) = re.findall(rf"^```\w+\n# {re.escape(name)}\n(.*?)^```", TEXT, flags=re.MULTILINE | re.DOTALL)
    return str(found)


def loaded(name: str) -> Any:
    return yaml.safe_load(example(name))


def steps(name: str) -> list[dict[str, Any]]:
    return [step for job in loaded(name)["jobs"].values() for step in job["steps"]]


def commands() -> Iterator[list[str]]:
    """Yield the words of each command of poolgate in the examples, up to what the shell reads."""
    scripts = loaded(".gitlab-ci.yml")["poolgate"]["script"]
    scripts += [step["run"] for step in steps(".github/workflows/new-releases.yml")]
    for script in scripts:
        words = shlex.split(script, comments=True)
        if words[0].endswith("poolgate"):
            yield words[1 : next((at for at, word in enumerate(words) if word in {"||", ">>"}), None)]


def test_every_command_can_be_parsed() -> None:
    verbs = [build_parser().parse_args(words).verb for words in commands()]
    assert verbs == ["affected", "gate", "new"]


def test_the_workflow_uses_inputs_and_outputs_that_the_action_has() -> None:
    name = ".github/workflows/pool.yml"
    (mine,) = [step for step in steps(name) if step.get("id") == "pool"]
    assert set(mine["with"]) <= set(ACTION["inputs"])
    assert set(re.findall(r"steps\.pool\.outputs\.(\w+)", example(name))) <= set(ACTION["outputs"])


def test_other_actions_are_pinned_by_commit() -> None:
    used = [
        step["uses"]
        for name in ("pool.yml", "new-releases.yml")
        for step in steps(f".github/workflows/{name}")
        if "uses" in step
    ]
    assert len(used) == 3
    assert all(re.fullmatch(r"[\w/-]+@([0-9a-f]{40}|COMMIT)", each) for each in used)


@pytest.mark.parametrize("name", ["pool.yml", "new-releases.yml"])
def test_a_workflow_has_the_permission_to_read_and_each_job_its_own(name: str) -> None:
    assert loaded(f".github/workflows/{name}")["permissions"] == {"contents": "read"}


def test_the_tables_list_each_input_and_output() -> None:
    rows = re.findall(r"^\| `([\w-]+)` \|", TEXT, flags=re.MULTILINE)
    assert rows == [*ACTION["outputs"], *ACTION["inputs"]]
    for name in ("lock", "budget", "fail-on"):
        assert f"| `{name}` | `{ACTION['inputs'][name]['default']}` |" in TEXT


def test_the_hook_of_the_example_exists() -> None:
    (repository,) = loaded(".pre-commit-config.yaml")["repos"]
    (hook,) = repository["hooks"]
    assert hook["id"] in {each["id"] for each in yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text())}
    assert build_parser().parse_args(["affected", *hook["args"], "--", "lock:uv.lock"]).group == ["cancellation"]


def test_the_accepted_deviation_can_be_read(tmp_path: Path) -> None:
    path = tmp_path / "accept.toml"
    path.write_text(example(".poolgate-accept.toml"))
    assert deviations_of(str(path))
    assert tomli.loads(path.read_text())["accept"][0]["expires"] > date(2026, 1, 1)


def test_the_job_for_gitlab_runs_and_leaves_its_report(tmp_path: Path) -> None:
    """Equal packages of the pool leave nothing to measure."""
    repository = upgrade(tmp_path / "repository", "newest", "certificates")
    variables = {
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        "HOME": str(tmp_path),
        "CI_MERGE_REQUEST_DIFF_BASE_SHA": git(repository, "rev-parse", "origin/main"),
    }
    install, *script = loaded(".gitlab-ci.yml")["poolgate"]["script"]
    assert install.startswith("pip install")
    ran = subprocess.run(
        [*BASH, "\n".join(script)], cwd=repository, env=variables, capture_output=True, text=True, check=False
    )
    assert ran.returncode == 0, ran.stderr
    assert "no worse: no package that matters to the pool has changed" in ran.stdout
    assert (repository / "poolgate.xml").read_text().startswith("<?xml")

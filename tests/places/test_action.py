"""The action for GitHub: its steps run here as GitHub runs them, on stored verdicts and without network."""

from __future__ import annotations

import json
import os
import re
import sys
from pathlib import Path

import pytest
import yaml
from conftest import ROOT
from support.composite import Ran, run_action
from support.upgrades import git, upgrade

ACTION = (ROOT / "action.yml").read_text()
PYTHON = """\
#!/bin/sh
# Stands for python3: makes an environment with this poolgate, and writes down what is installed.
mkdir -p "$3/bin"
ln -s "{poolgate}" "$3/bin/poolgate"
printf '#!/bin/sh\\necho "$@" > "$RUNNER_TEMP/installed"\\n' > "$3/bin/python"
chmod +x "$3/bin/python"
"""


@pytest.fixture
def files(tmp_path: Path) -> Path:
    return runner_files(tmp_path)


def runner_files(folder: Path) -> Path:
    """Return a folder of the runner, with a python3 that downloads nothing."""
    (folder / "bin").mkdir()
    python = folder / "bin" / "python3"
    python.write_text(PYTHON.format(poolgate=Path(sys.executable).parent / "poolgate"))
    python.chmod(0o755)
    return folder


@pytest.fixture(scope="module")
def worse(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return upgrade(tmp_path_factory.mktemp("worse") / "repository", "newest", "older")


@pytest.fixture(scope="module")
def ran_worse(worse: Path, tmp_path_factory: pytest.TempPathFactory) -> Ran:
    return act(worse, runner_files(tmp_path_factory.mktemp("files")))


def act(repository: Path, files: Path, text: str = ACTION, **inputs: str) -> Ran:
    variables = {
        "PATH": f"{files / 'bin'}:{os.environ['PATH']}",
        "HOME": str(files),
        "GITHUB_ACTION_PATH": "/action",
        "GITHUB_BASE_REF": "main",
    }
    named = {name.replace("_", "-"): value for name, value in inputs.items()}
    return run_action(text, {"budget": "0"} | named, repository, files, variables)


def test_an_upgrade_that_is_worse_fails_with_its_report(ran_worse: Ran) -> None:
    ran = ran_worse
    assert (ran.code, ran.outputs["worse"]) == (1, "true"), ran.log
    affected, gate = ran.summary.split("## What the change does\n")
    assert affected.startswith("## What is measured of the lock\n\n**affected: ")
    assert "<details><summary>Findings</summary>\n\n- **FAIL" in affected
    assert gate.strip().startswith("worse: ")
    assert "\n---\n\nworse: " in Path(ran.outputs["report"]).read_text()
    (run,) = json.loads(Path(ran.outputs["sarif"]).read_text())["runs"]
    place = run["results"][0]["locations"][0]["physicalLocation"]
    assert place["artifactLocation"]["uri"] == "uv.lock"
    assert place["region"]["startLine"] > 1


def test_annotations_are_at_most_ten_and_a_count_for_each_question(ran_worse: Ran) -> None:
    annotations = re.findall(r"^::(\w+) .*", ran_worse.log, flags=re.MULTILINE)
    assert 2 < len(annotations) <= 12
    assert annotations[0] == "notice"
    assert re.search(r"%0A\d+ findings$", ran_worse.log.splitlines()[0])
    assert annotations[-1] == "notice"


def test_a_change_without_a_regression_passes(tmp_path: Path, files: Path) -> None:
    ran = act(upgrade(tmp_path / "repository", "newest", "certificates"), files, fail_on="undecided")
    assert (ran.code, ran.outputs["worse"]) == (0, "false"), ran.log
    assert "no worse: no package that matters to the pool has changed" in ran.summary
    assert (files / "installed").read_text() == "-m pip install --quiet /action\n"


def test_a_worse_upgrade_passes_where_the_job_only_reports(worse: Path, files: Path) -> None:
    ran = act(worse, files, fail_on="never", base="httpx==0.28.1")
    assert (ran.code, ran.outputs["worse"]) == (0, "true"), ran.log


HOSTILE = '"; touch pwned; $(touch pwned) `touch pwned` \n::error::pwned'


@pytest.mark.parametrize("name", ["lock", "base", "budget", "accept", "fail-on"])
def test_an_input_stays_text(name: str, worse: Path, files: Path) -> None:
    ran = act(worse, files, **{name: HOSTILE})
    assert ran.code == 2, ran.log
    assert not list(files.rglob("pwned"))
    assert git(worse, "status", "--porcelain") == ""
    assert "\n::error::pwned" not in f"\n{ran.log}"


def test_the_runner_would_run_an_input_that_is_part_of_a_script(worse: Path, files: Path) -> None:
    """A planted action: without it, a test of injection that never fails proves nothing."""
    step = {"id": "one", "shell": "bash", "run": 'cd "$RUNNER_TEMP"; echo "${{ inputs.lock }}"'}
    action = {"inputs": {"lock": {"default": ""}}, "runs": {"using": "composite", "steps": [step]}}
    act(worse, files, yaml.safe_dump(action), lock='"; touch pwned; "')
    assert (files / "pwned").exists()


def test_only_an_action_that_measures_installs_what_measures(worse: Path, files: Path) -> None:
    act(worse, files, budget="60", lock="absent.lock")
    assert (files / "installed").read_text() == "-m pip install --quiet /action[measure]\n"


def test_no_step_uses_another_action_or_an_expression_in_its_script() -> None:
    for step in yaml.safe_load(ACTION)["runs"]["steps"]:
        assert "uses" not in step
        assert "${{" not in step["run"]

"""The worked example of `scenarios/README.md` is a scenario: it passes, it fails, and it catches a planted defect."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import ROOT
from support.environments import built, plant

import poolgate

PASSES, FAILS, PLANTED = "httpx==0.28.1", "httpx==0.20.0", "never_wakes_a_waiter"


def example() -> tuple[str, str]:
    """Return the path and the source of the example."""
    found = re.search(
        r"^`([a-z_/0-9]+\.py)`:\n\n```python\n(.*?)```", (ROOT / "scenarios/README.md").read_text(), re.M | re.S
    )
    assert found is not None
    return found[1], found[2]


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """Return a folder with a copy of poolgate that has the example among its scenarios."""
    shutil.copytree(next(iter(poolgate.__path__)), tmp_path / "poolgate")
    path, source = example()
    (tmp_path / "poolgate/scenarios" / path).write_text(source)
    return tmp_path


def test_the_example_of_the_how_to_separates_releases(copy: Path) -> None:
    targets = [PASSES, FAILS, plant(PLANTED, PASSES, copy / "environment")]
    built(FAILS)
    command = [sys.executable, "-m", "poolgate", "run", "redirect-hops", "--repeats", "1", "--format", "json"]
    environment = {**os.environ, "POOLGATE_RESULTS": str(copy / "results")}
    ran = subprocess.run([*command, "--target", *targets], cwd=copy, env=environment, capture_output=True, text=True)
    assert ran.returncode == 0, ran.stderr
    verdicts = [(cell["status"], cell["key"]) for cell in json.loads(ran.stdout)["cells"]]
    assert verdicts == [("pass", "completes/serves"), ("fail", "hangs/serves"), ("fail", "hangs/serves")]

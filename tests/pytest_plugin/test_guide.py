"""The examples of docs/pytest.md do what it says."""

from __future__ import annotations

import re
import textwrap

from conftest import ROOT

from pytest_plugin.conftest import PROJECT, Run

GUIDE = (ROOT / "docs" / "pytest.md").read_text()
FAILING = "test_an_error_under_a_stream_of_a_shared_client"


def blocks(language: str) -> list[str]:
    """Return the blocks of the guide in a language."""
    return re.findall(rf"^```{language}\n(.*?)^```", GUIDE, flags=re.MULTILINE | re.DOTALL)


def test_the_program_that_runs_has_the_examples() -> None:
    program = (PROJECT / "guide_runner.py").read_text()
    found = [block for block in blocks("python") if block in program or textwrap.indent(block, "    ") in program]
    assert found == blocks("python")
    assert len(found) == 3


def test_each_example_has_the_outcome_that_the_guide_says(plain: Run) -> None:
    outcomes = {
        name.rpartition(".")[2]: outcome
        for name, (outcome, _) in plain.outcomes.items()
        if name.startswith("guide_runner.")
    }
    assert outcomes.pop(FAILING) == "failed", plain.output
    assert set(outcomes.values()) == {"passed"}, plain.output
    assert len(outcomes) == 3


def test_the_text_of_the_failure_is_that_of_the_guide(plain: Run) -> None:
    message = next(message for name, (_, message) in plain.outcomes.items() if name.endswith(FAILING))
    general = re.sub(r":\d+/answers/", ":PORT/answers/", re.sub(r"\.py:\d+", ".py:LINE", message))
    (shown,) = blocks("text")
    assert shown in f"{general}\n"

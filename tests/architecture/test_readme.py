"""The README agrees with the code, and shows what was measured."""

from __future__ import annotations

import re

import pytest
from conftest import ROOT

from poolgate.cells.select import select
from poolgate.cli.parser import build_parser
from poolgate.maintenance import readme
from poolgate.maintenance.claims_page import PAGE, claims_page
from poolgate.maintenance.coverage_page import PAGE as COVERAGE
from poolgate.maintenance.coverage_page import coverage_page
from poolgate.maintenance.scenario_list import PAGE as SCENARIOS
from poolgate.maintenance.scenario_list import scenarios_list
from poolgate.targets.parse import parse

TEXT = (ROOT / "README.md").read_text()


def test_the_generated_parts_are_up_to_date() -> None:
    assert readme.filled(TEXT, readme.parts()) == TEXT, "run `make readme`"
    assert set(re.findall(r"<!-- (\w+) -->", TEXT)) == set(readme.parts())


def test_the_page_of_the_claims_is_up_to_date() -> None:
    assert PAGE.read_text() == claims_page(), "run `make readme`"


def test_the_coverage_is_generated_from_the_ledger() -> None:
    assert COVERAGE.read_text() == coverage_page(), "run `make readme`"


def test_the_page_of_the_results_is_up_to_date() -> None:
    assert readme.RESULTS.read_text() == readme.results_page(), "run `make readme`"


def test_the_lists_of_the_findings_are_up_to_date() -> None:
    text = readme.FINDINGS.read_text()
    assert readme.filled(text, readme.findings()) == text, "run `make readme`"
    assert set(re.findall(r"<!-- (\w+) -->", text)) == set(readme.findings())


def test_a_part_that_is_not_generated_is_an_error() -> None:
    with pytest.raises(ValueError, match="the part 'moon' is not generated; choose one of grid"):
        readme.filled("<!-- moon -->\n<!-- /moon -->", readme.parts())


def test_every_command_of_the_readme_can_be_parsed() -> None:
    """The examples parse: their options exist, their scenarios and targets too."""
    blocks = "\n".join(re.findall(r"^```console\n(.*?)^```", TEXT, flags=re.MULTILINE | re.DOTALL))
    commands = re.findall(r"^poolgate (.*?)(?:  +#.*)?$", blocks, flags=re.MULTILINE)
    assert len(commands) >= 5
    for command in commands:
        arguments = build_parser().parse_args(command.replace("'", "").split())
        if arguments.verb == "run":
            assert select(arguments.scenario)
            specs = [spec for spec in arguments.target or [] if not spec.startswith("python:")]
            assert all(parse(spec) for spec in specs)


def test_the_make_targets_of_the_readme_exist() -> None:
    rules = set(re.findall(r"^(\w+):", (ROOT / "Makefile").read_text(), flags=re.MULTILINE))
    assert set(re.findall(r"make (matrix|test|check|evidence|readme|catalogue)\b", TEXT)) <= rules


def test_the_list_of_scenarios_is_generated() -> None:
    text = SCENARIOS.read_text()
    assert readme.filled(text, {"scenarios": scenarios_list()}) == text, "run `make readme`"

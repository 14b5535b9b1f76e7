"""The statements of results/FINDINGS.md agree with the shipped verdicts of their commands."""

from __future__ import annotations

import re
import shlex

import pytest

from poolgate.answers.release_line.spans import spans
from poolgate.catalogue import releases
from poolgate.cells.select import select
from poolgate.cli.parser import build_parser
from poolgate.ledger.instruments import SHIPPED
from poolgate.ledger.stack import Entry
from poolgate.ledger.store import Ledger
from poolgate.scenarios.declaration.scenario import Scenario, Variant
from poolgate.targets.parse import parse
from poolgate.verdict.words import Status

TEXT = (SHIPPED / "FINDINGS.md").read_text()
COMMANDS = [" ".join(words.split()) for words in re.findall(r"`poolgate ((?:run|flips) [^`]*)`", TEXT)]
STACKS = Ledger(SHIPPED).stacks


def entry(scenario: Scenario, variant: Variant, spec: str) -> Entry:
    """Return the shipped verdict of a release of a line, from any stack of that release."""
    release = "==".join(parse(spec).release or ())
    found = [stack.find(scenario.id, variant) for stack in STACKS if release in stack.releases]
    known = [one for one in found if one is not None]
    assert known, f"{scenario.id} of {spec} is not in results/: `make evidence`"
    return known[0]


@pytest.mark.parametrize("command", [command for command in COMMANDS if command.startswith("run ")])
def test_a_finding_is_in_the_shipped_verdicts(command: str) -> None:
    """Every cell is stored and judged; each scenario fails on one target, and passes on another if there is one."""
    arguments = build_parser().parse_args(shlex.split(command))
    for scenario, variant in select(arguments.scenario):
        found = [entry(scenario, variant, spec).status for spec in arguments.target]
        if "all" not in arguments.scenario:
            assert {Status.FAIL, Status.FLAKY} & set(found)
            assert len(found) == 1 or Status.PASS in found


@pytest.mark.parametrize("command", [command for command in COMMANDS if command.startswith("flips ")])
def test_a_flip_is_in_the_shipped_verdicts(command: str) -> None:
    arguments = build_parser().parse_args(shlex.split(command))
    ((scenario, variant),) = select(arguments.scenario)
    line, asked = (
        arguments.line.partition(":")[0],
        {release.version for release in releases.load().line(arguments.line)},
    )
    known = spans(releases.load(), STACKS, line, scenario.id, variant)
    inside = [span for span in known if span.status and {span.first, span.last} & asked]
    assert len({(span.status, span.key) for span in inside}) > 1


def test_each_finding_names_its_command() -> None:
    findings = re.split(r"^- ", TEXT, flags=re.MULTILINE)[1:]
    assert len(findings) >= 10
    assert all("`poolgate " in finding for finding in findings)

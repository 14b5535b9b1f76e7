"""The plan that goes to a worker, and the protocol around it, hold still: others are built on both."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest
from conftest import DATA

from poolgate import scenarios
from poolgate.cells.cell import Cell, variant_name
from poolgate.cells.select import select
from poolgate.protocol.plan import Address, Plan, make_plan
from poolgate.scenarios.declaration.scenario import Scenario
from poolgate.targets.parse import parse

GOLDEN = DATA / "golden" / "plan-v1.json"
ENTRY = Path(str(scenarios.__file__)).parent / "__main__.py"


def a_plan() -> Plan:
    scenario = scenarios.declared()["sequential-reuse"]
    server = Address("127.0.0.1", 1)
    return make_plan(
        scenario, {"keepalive": "off"}, cell="sequential-reuse-0", client="httpx", server=server, unit=0.1, seed=7
    )


def worker(stdin: str) -> tuple[int, list[dict[str, object]]]:
    """Run the worker by hand, in this environment: its exit code and its history."""
    reader, writer = os.pipe()
    command = [sys.executable, "-I", str(ENTRY), "--history-fd", str(writer)]
    ran = subprocess.run(command, input=stdin, text=True, pass_fds=[writer], capture_output=True, check=False)
    os.close(writer)
    with os.fdopen(reader) as recorded:
        return ran.returncode, [json.loads(line) for line in recorded]


def test_the_plan_is_written_as_it_always_was() -> None:
    plan = msgspec.json.format(msgspec.json.encode(a_plan()), indent=1).decode() + "\n"
    assert plan == GOLDEN.read_text()
    assert msgspec.json.decode(GOLDEN.read_bytes(), type=Plan).typed_load() == a_plan().typed_load()


@pytest.mark.parametrize("stdin", ["", "nonsense\n", "{}\n", '{"schema": "poolgate/plan", "version": 2}\n'])
def test_a_plan_that_cannot_be_read_is_exit_code_64(stdin: str) -> None:
    code, (record,) = worker(stdin)
    assert code == 64
    assert (record["kind"], record["source"], record["seq"]) == ("failure", "worker", 0)


def test_a_worker_without_its_client_is_exit_code_70() -> None:
    """poolgate's own environment has no httpx: a worker that is asked for one there fails, and reports the cause."""
    code, records = worker(msgspec.json.encode(a_plan()).decode() + "\n")
    assert code == 70
    assert records[-1]["kind"] == "failure"
    assert "ModuleNotFoundError" in str(records[-1]["data"])


@pytest.mark.parametrize("scenario", scenarios.declared().values(), ids=lambda scenario: scenario.id)
def test_a_declaration_says_what_a_reader_needs(scenario: Scenario) -> None:
    assert len([*ENTRY.parent.glob(f"*/{scenario.id.replace('-', '_')}.py")]) == 1
    assert scenario.requirement.endswith(".")
    assert scenario.references
    assert all("#" in reference for reference in scenario.references)
    assert all(len(values) >= 2 for values in scenario.variants.values())


@pytest.mark.parametrize(
    ("word", "names"),
    [
        ("gather-over-limit", ["gather-over-limit"]),
        ("gather-over-limit[ending=read]", ["gather-over-limit"]),
        ("gather-over-limit[ending=close]", ["gather-over-limit[ending=close]"]),
        ("gather-*[ending=*]", ["gather-over-limit", "gather-over-limit[ending=close]"]),
        ("all", list(scenarios.declared())),
        ("*over-limit", ["gather-over-limit", "threads-over-limit"]),
        (
            "sequential-reuse[keepalive=*,ending=close]",
            ["sequential-reuse[ending=close]", "sequential-reuse[ending=close,keepalive=off]"],
        ),
    ],
)
def test_scenarios_are_asked_for_by_words(word: str, names: list[str]) -> None:
    """What is not said has a default, and the default is not said: one variant has one name."""
    assert [variant_name(scenario.id, variant) for scenario, variant in select([word, word])] == names


@pytest.mark.parametrize(
    ("spec", "pins", "first_python"),
    [
        ("httpx==0.27.2", ("httpx==0.27.2",), "3.11"),
        ("httpcore==1.0.9", ("httpcore==1.0.9", "httpx==0.28.1"), "3.11"),
        ("httpx==0.24.1,httpcore==0.17.2", ("httpcore==0.17.2", "httpx==0.24.1"), "3.11"),
        ("httpx2==2.16.2@3.12", ("httpx2==2.16.2",), "3.12"),
    ],
)
def test_a_spec_is_pins_and_a_python(spec: str, pins: tuple[str, ...], first_python: str) -> None:
    target = parse(spec)
    assert target.requirements == pins
    assert target.pythons[0] == first_python
    assert Cell(*select(["gather-over-limit"])[0], target).name == f"gather-over-limit@{spec}"


def test_a_release_is_on_its_line_only_when_it_is_named_alone() -> None:
    assert parse("httpcore==1.0.9").release == ("httpcore", "1.0.9")
    assert parse("httpx==0.27.2@3.9").release == ("httpx", "0.27.2")
    assert parse("httpx==0.24.1,httpcore==0.17.2").release is None
    assert parse(f"python:{sys.executable}").release is None


def test_pythons_that_a_release_excludes_are_no_choice() -> None:
    assert parse("httpx2==2.16.2").pythons == ("3.11", "3.12", "3.13")
    assert "3.8" in parse("httpx==0.28.1").pythons
    assert "3.7" not in parse("httpx==0.28.1").pythons

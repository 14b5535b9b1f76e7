"""`--deps era`: the dependencies of a release are those of its own day, and every output has the flag."""

from __future__ import annotations

import json
import shlex
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from poolgate.catalogue.releases import load
from poolgate.ledger.stack import load_stack
from poolgate.protocol.history_store import history_path
from poolgate.targets.parse import parse, parse_release
from poolgate.targets.spec import ERA

Poolgate = Callable[..., tuple[int, str, str]]


@pytest.mark.parametrize(
    ("spec", "cutoff"),
    [
        ("httpx==0.21.0", "2021-11-16T00:00:00Z"),
        ("httpx==0.24.1,httpcore==0.17.3", "2023-07-06T00:00:00Z"),
        ("httpcore==0.14.0@3.8", "2022-01-07T00:00:00Z"),
    ],
)
def test_an_era_ends_with_the_day_of_the_newest_pin(spec: str, cutoff: str) -> None:
    """The partner of a bare pool counts too: before its day the two could not be installed."""
    assert parse(spec + ERA).cutoff == cutoff
    assert parse(spec).cutoff == load().cutoff
    assert parse(spec + ERA).pins == parse(spec).pins
    assert parse(spec + ERA).pythons == parse(spec).pythons


def test_a_release_in_its_era_is_still_of_its_line() -> None:
    assert parse_release("httpcore", "1.0.2", ERA).release == ("httpcore", "1.0.2")
    assert parse_release("httpcore", "0.8.4", ERA).release == ("httpcore", "0.8.4")


def test_the_two_differ_in_the_dependencies_and_nowhere_else(poolgate: Poolgate, results: Path) -> None:
    """Each is a target of its own: other packages, a history and a ledger file of its own, a replay that is itself."""
    words = ("run", "sequential-reuse", "--format", "json")
    release = "httpx==0.21.0"
    (era,) = json.loads(poolgate(*words, "--target", release, "--deps", "era")[1])["cells"]
    (cutoff,) = json.loads(poolgate(*words, "--target", release)[1])["cells"]
    assert (era["packages"]["httpx"], era["packages"]["anyio"]) == ("0.21.0", "3.3.4")
    assert (cutoff["packages"]["httpx"], cutoff["packages"]["anyio"]) == ("0.21.0", "3.7.1")
    assert era["packages"]["httpcore"] != cutoff["packages"]["httpcore"]
    assert (era["line"], era["release"]) == (cutoff["line"], cutoff["release"]) == ("httpx", "0.21.0")
    assert history_path(f"sequential-reuse@{era['target']}").exists()

    stacks = [load_stack(path) for path in sorted((results / "stacks").iterdir())]
    assert {stack.packages["anyio"]: stack.releases for stack in stacks} == {"3.3.4": [], "3.7.1": [release]}

    _, *replay = shlex.split(era["replay"])
    (again,) = json.loads(poolgate(*replay, "--format", "json")[1])["cells"]
    assert (again["packages"], again["target"]) == (era["packages"], era["target"])


def test_an_environment_that_exists_has_no_era(poolgate: Poolgate) -> None:
    code, out, err = poolgate("run", "all", "--target", f"python:{sys.executable}", "--deps", "era")
    assert (code, out) == (2, "")
    assert err.endswith("exists and is not resolved: `--deps era` is for releases\n")

"""A pool without a client: how it is asked for, what it is measured as, and that nothing mixes it up with the pair."""

from __future__ import annotations

import json
import shlex
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from support.environments import built

from poolgate.ledger.stack import load_stack
from poolgate.targets.parse import parse, parse_release
from poolgate.targets.spec import in_era, spec_of

pytestmark = pytest.mark.usefixtures("servers_shared")

Poolgate = Callable[..., tuple[int, str, str]]


@pytest.mark.parametrize(
    ("spec", "requirements", "client", "release"),
    [
        ("httpcore==1.0.9?bare", ("httpcore[asyncio]==1.0.9",), "httpcore", None),
        ("httpcore==1.0.9@3.9?bare&deps=era", ("httpcore[asyncio]==1.0.9",), "httpcore", None),
        ("httpcore2==2.16.2?bare", ("httpcore2[asyncio]==2.16.2",), "httpcore2", None),
        ("httpcore==0.8.4", ("httpcore[asyncio]==0.8.4",), "httpcore", ("httpcore", "0.8.4")),
        ("httpcore==0.8.4@3.8", ("httpcore[asyncio]==0.8.4",), "httpcore", ("httpcore", "0.8.4")),
        ("httpcore==1.0.9", ("httpcore==1.0.9", "httpx==0.28.1"), "httpx", ("httpcore", "1.0.9")),
    ],
)
def test_a_pool_is_bare_where_it_is_asked_for_or_nothing_drives_it(
    spec: str, requirements: tuple[str, ...], client: str, release: tuple[str, str] | None
) -> None:
    """A pool that has a partner is on its line with that partner; bare, it is off the line."""
    target = parse(spec)
    assert (target.requirements, target.client, target.release) == (requirements, client, release)


def test_what_follows_the_packages_can_all_be_said() -> None:
    target = parse("httpcore==1.0.2@3.9?bare&deps=era")
    assert (target.pythons, target.bare, target.era) == (("3.9",), True, True)
    assert target.cutoff == "2023-11-11T00:00:00Z"
    assert in_era("httpcore==1.0.2?bare") == in_era("httpcore==1.0.2?bare&deps=era") == "httpcore==1.0.2?bare&deps=era"
    assert in_era("httpx==0.21.0") == in_era("httpx==0.21.0?deps=era") == "httpx==0.21.0?deps=era"


@pytest.mark.parametrize(
    ("spec", "says"),
    [
        ("httpx==0.28.1?bare", "a bare pool is tested without a client; name one of httpcore, httpcore2, httpcorexyz"),
        ("httpx==0.28.1,httpcore==1.0.9?bare", "a bare pool is tested without a client"),
        ("httpcore==1.0.9?bear", "'httpcore==1.0.9?bear' is not a target"),
        (f"python:{sys.executable}?bare", "an environment is tested through its client; name the pool"),
    ],
)
def test_what_cannot_be_bare_says_what_would_do(poolgate: Poolgate, spec: str, says: str) -> None:
    code, out, err = poolgate("run", "all", "--target", spec)
    assert (code, out) == (2, "")
    assert says in err
    assert len(err.splitlines()) == 1


def test_a_package_set_is_a_spec_again() -> None:
    assert spec_of({"httpcore": "1.0.9", "h11": "0.16.0"}, "3.11") == "httpcore==1.0.9@3.11?bare"
    assert spec_of({"httpcore": "1.0.9", "httpx": "0.28.1"}, "3.11") == "httpx==0.28.1,httpcore==1.0.9@3.11"
    assert parse(spec_of({"httpcore": "0.8.4"}, "3.8")).pythons == ("3.8",)


@pytest.mark.parametrize(
    ("release", "scenario"),
    [
        ("httpcore==0.5.0", "sequential-reuse"),
        ("httpcore==0.7.0", "sequential-reuse"),
        ("httpcore==0.8.4", "sequential-reuse[*]"),
        ("httpcore==0.12.3?bare", "sequential-reuse[*]"),
        ("httpcore==0.13.7?bare", "sequential-reuse[*]"),
        ("httpcore==0.14.0?bare", "*over-limit[*]"),
        ("httpcore==1.0.9?bare", "*over-limit[*]"),
        ("httpcore2==2.16.2?bare", "*over-limit[*]"),
    ],
)
def test_a_pool_of_each_era_can_be_driven(poolgate: Poolgate, release: str, scenario: str) -> None:
    """What passes through a client passes without it; an adapter that loses a slot would not."""
    _, out, err = poolgate("run", scenario, "--target", release, "--format", "json")
    cells = json.loads(out)["cells"]
    assert {cell["status"] for cell in cells} == {"pass"}, err
    assert not {"httpx", "httpx2"} & {name for cell in cells for name in cell["packages"]}


def test_the_pair_and_the_pool_are_two_rows(poolgate: Poolgate, results: Path) -> None:
    for spec in ("httpcore==1.0.9", "httpcore==1.0.9?bare"):
        poolgate("run", "sequential-reuse", "--target", spec)
    stacks = [load_stack(path) for path in sorted((results / "stacks").iterdir())]
    assert [stack.releases for stack in stacks] == [[], ["httpcore==1.0.9"]]
    cells = json.loads(poolgate("report", "--own", "--format", "json")[1])["cells"]
    assert {cell["target"] for cell in cells} == {"httpx==0.28.1,httpcore==1.0.9", "httpcore==1.0.9?bare"}
    assert [parse(shlex.split(cell["replay"])[4]).client for cell in cells] == ["httpx", "httpcore"]


def test_an_environment_with_a_pool_alone_uses_it_bare(poolgate: Poolgate) -> None:
    interpreter = built("httpcore==1.0.9?bare").interpreter
    _, out, err = poolgate("run", "sequential-reuse", "--target", f"python:{interpreter}", "--format", "json")
    (cell,) = json.loads(out)["cells"]
    assert cell["status"] == "pass", err
    assert "httpx" not in cell["packages"]


def test_a_forerunner_without_such_an_api_says_so(poolgate: Poolgate) -> None:
    """httpcore 0.3 has a pool that always loads certificates."""
    assert parse_release("httpcore", "0.3.0").client == "httpcore"
    _, out, _ = poolgate("run", "sequential-reuse", "--target", "httpcore==0.3.0", "--format", "json")
    (cell,) = json.loads(out)["cells"]
    assert (cell["status"], cell["reason"][:15]) == ("unsupported", "httpcore 0.3.0:")

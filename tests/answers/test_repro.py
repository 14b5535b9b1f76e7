"""A script that stands alone shows what the scenario shows, in the names of each release, and nothing else."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from conftest import DATA
from support.clones import clone_of
from support.histories import load_of

from poolgate import scenarios
from poolgate.answers.repro.client_api import ClientApi, read_client_api
from poolgate.answers.repro.script import script
from poolgate.environments import uv
from poolgate.environments.build import Environment, environment_for
from poolgate.errors import UsageError
from poolgate.processes import Processes
from poolgate.scenarios.declaration.scenario import Load, Request, Scenario, Variant
from poolgate.targets.parse import parse

Poolgate = Callable[..., tuple[int, str, str]]
GOLDEN = DATA / "golden" / "repro.py.txt"
UNITS = ("0.25", "4.0")
"""Seconds of a unit: a script tries three longer ones by itself, and says when none was long enough."""

CASES = [
    ("cancel-task-group", "httpcore==1.0.2", "httpcore==1.0.3"),
    ("cancel-task-group[style=native]", "httpx==0.15.1", "httpx==0.28.1"),
    ("gather-over-limit", "httpx==0.20.0", "httpx==0.28.1"),
    ("gather-over-limit[ending=close]", "httpx==0.15.1", "httpx2==2.16.2"),
    ("queue-timeout", "httpx==0.13.0", "httpx2==2.16.2"),
    ("sequential-reuse", "httpx==0.15.1", "httpx==0.9.1"),
    ("threads-over-limit", "httpx==0.20.0", "httpxyz==0.42.1"),
]
NAMES = ClientApi(
    tasks="AsyncClient",
    threads="Client",
    limits="Limits",
    limits_take=["max_connections", "max_keepalive_connections", "keepalive_expiry"],
    limits_are="limits",
    timeout="Timeout",
    timeout_takes=["timeout", "pool", "read", "connect"],
    streams=True,
    closes="aclose",
    pieces="aiter_raw",
    response_reads="aread",
    response_closes="aclose",
    client_takes=["event_hooks", "http2", "proxy"],
    request_takes=["content"],
    build_takes=["timeout"],
)
PACKAGES = {"anyio": "4.16.0", "httpcore": "1.0.2", "httpx": "0.28.1"}
STACK = Environment(interpreter=sys.executable, python="3.11.7", packages=PACKAGES)


async def body(driver: Any, load: Load) -> None:
    raise AssertionError("nothing runs here")


def by_hand(*requests: Request, **changes: Any) -> Scenario:
    def load(variant: Variant) -> Load:
        return load_of(2, *requests)._replace(style=variant["style"])

    declared = Scenario(
        "by-hand", "Must hold.", ("encode/httpx#1",), {"style": ("level", "native")}, load, body, core=True
    )
    return declared._replace(**changes)


CANCELLED = Request(id="cut", hold=4.0, pool_timeout=7.0, cancelled=1.0)
SERVED = Request(id="served", hold=1.0, pool_timeout=3.5, at=2.0)


def written(asked: str, spec: str, place: Path, poolgate: Poolgate) -> Environment:
    """Write the script; returns the environment with exactly its packages."""
    code, out, err = poolgate("repro", asked, "--target", spec, "-o", str(place))
    assert (code, out) == (0, ""), err
    scenario = scenarios.declared()[asked.partition("[")[0]]
    return environment_for(Processes(), parse(spec), scenario.extras)


def verdict_of(interpreter: str, place: Path, *units: str) -> subprocess.CompletedProcess[str]:
    """Run a script until the machine keeps up with its unit; it says itself when it did not."""
    for unit in units or UNITS:
        command = [interpreter, str(place), unit]
        ran = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
        if ran.returncode != 3:
            break
    return ran


@pytest.mark.parametrize(("asked", "failing", "passing"), CASES)
def test_it_fails_where_the_release_does(
    asked: str, failing: str, passing: str, tmp_path: Path, poolgate: Poolgate
) -> None:
    place = tmp_path / "repro.py"
    environment = written(asked, failing, place, poolgate)
    ran = verdict_of(environment.interpreter, place)
    assert (ran.returncode, ran.stdout.splitlines()[-1]) == (1, "it shows the defect"), ran
    assert ran.stdout.startswith("a correct pool: {")

    environment = written(asked, passing, place, poolgate)
    ran = verdict_of(environment.interpreter, place)
    assert (ran.returncode, ran.stdout.splitlines()[-1]) == (0, "it does not show the defect"), ran
    assert "Traceback" not in ran.stderr


def test_uv_makes_its_environment_from_the_metadata(tmp_path: Path, poolgate: Poolgate) -> None:
    place = tmp_path / "repro.py"
    written("cancel-task-group", "httpcore==1.0.2", place, poolgate)
    command = [uv.UV, "run", "--quiet", "--script", str(place)]
    ran = subprocess.run(command, capture_output=True, text=True, env=uv.uv_environment(), timeout=300, check=False)
    assert (ran.returncode, "httpx 0.28.1, httpcore 1.0.2: {" in ran.stdout) == (1, True), ran


def test_the_script_is_the_golden_one() -> None:
    scenario = by_hand(CANCELLED, SERVED)
    assert script(scenario, {}, STACK, NAMES, "poolgate repro by-hand --target X") == GOLDEN.read_text()


def test_as_json_it_has_its_exact_packages(poolgate: Poolgate) -> None:
    code, out, _ = poolgate("repro", "gather-over-limit", "--target", "httpx==0.28.1", "--format", "json")
    answer = json.loads(out)
    assert (code, answer["schema"], answer["version"]) == (0, "poolgate/repro", 1)
    assert all(f'"{name}=={version}",' in answer["script"] for name, version in answer["packages"].items())


def test_a_release_without_a_usable_wheel_is_built_from_source() -> None:
    stack = Environment(interpreter="", python="3.11.7", packages={"httpcore": "0.11.1", "httpx": "0.15.1"})
    text = script(by_hand(SERVED), {}, stack, NAMES, "")
    assert ("# [tool.uv]" in text) == ('no-binary-package = ["' in text)


@pytest.mark.parametrize(
    ("scenario", "expected"),
    [
        (by_hand(SERVED._replace(door="h2")), "a script can't play its 'door'"),
        (by_hand(CANCELLED, CANCELLED._replace(id="b", cancelled=2.0)), "are cancelled in more than one way"),
        (by_hand(CANCELLED, threads=True), "threads can't be cancelled"),
        (by_hand(), "its load has no requests of its own"),
    ],
)
def test_what_a_script_cannot_play_is_refused(scenario: Scenario, expected: str) -> None:
    with pytest.raises(UsageError, match=expected):
        script(scenario, {}, STACK, NAMES, "")


@pytest.mark.parametrize(
    ("words", "code", "expected"),
    [
        (("all", "--target", "httpx==0.28.1"), 2, "'all' is more than one scenario variant; repro takes one"),
        (("threads-over-limit", "--target", "httpx==0.8.0"), 2, "this release has no synchronous client"),
        (("gather-over-limit", "--target", "httpx==0.28.99"), 2, "is not in the catalogue; nearest: 0.28.1"),
        (("gather-over-limit", "--target", "httpx==0.28.1@3.6"), 5, "3.6"),
        (("gather-over-limit", "--target", "httpx==0.28.1", "-o", "/proc/x"), 5, "can't be written"),
        (("gather-over-limit", "--target", "httpx==0.28.1", "-o", "/proc/none/x"), 2, "there is no folder /proc/none"),
        (("gather-over-limit", "--target", "httpx==0.28.1", "-o", "/proc"), 2, "is a folder: name a file in it"),
    ],
)
def test_one_line_says_what_to_do(poolgate: Poolgate, words: tuple[str, ...], code: int, expected: str) -> None:
    got, out, err = poolgate("repro", *words)
    assert (got, out) == (code, "")
    assert err.startswith("poolgate: ")
    assert expected in err
    assert len(err.splitlines()) == 1


def test_a_commit_can_not_be_pinned(tmp_path: Path, poolgate: Poolgate) -> None:
    spec = f"git:{tmp_path / 'clone'}?rev={clone_of(tmp_path / 'clone', ['1.0.2'])['1.0.2']}"
    code, out, err = poolgate("repro", "gather-over-limit", "--target", spec)
    assert (code, out) == (2, "")
    assert "is a commit of a local clone: only releases can be pinned for another machine" in err


def test_a_client_without_limits_has_no_script(tmp_path: Path) -> None:
    (tmp_path / "httpx.py").write_text("class Client:\n    async def get(self): pass\n")
    shim = tmp_path / "python"
    shim.write_text(
        f"#!/bin/sh\nshift\nexec {sys.executable} -c \"import sys; sys.path.insert(0, '{tmp_path}')\n$2\" $3\n"
    )
    shim.chmod(0o755)
    with pytest.raises(UsageError, match=r"no script can be written for httpx 0.28.1: AttributeError: .*PoolLimits"):
        read_client_api(Environment(interpreter=str(shim), python="3.11.7", packages=PACKAGES))

"""Locks of several clients: each is a target of its own, with what requires it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from poolgate.answers.affected.package_set import package_set_of
from poolgate.errors import UsageError
from poolgate.targets.parse import parse, parse_all

Poolgate = Callable[..., tuple[int, str, str]]

TWO = """\
anthropic==2.14.0
langfuse==3.0.0
httpx==0.28.1
    # via langfuse
httpcore==1.0.9
httpx2==2.4.0
    # via
    #   -c constraints.txt
    #   anthropic
httpcore2==2.4.0
anyio==4.16.0
h11==0.16.0
"""


@pytest.fixture
def two(tmp_path: Path) -> str:
    """The SPEC of a lock with two clients."""
    (tmp_path / "requirements.txt").write_text(TWO)
    return f"lock:{tmp_path}/requirements.txt"


def test_each_client_is_a_target_with_its_pool_and_the_companions(two: str) -> None:
    httpx, httpx2 = parse_all(two)
    assert (httpx.spec, httpx.client) == (f"{two}?client=httpx", "httpx")
    assert (httpx2.spec, httpx2.client) == (f"{two}?client=httpx2", "httpx2")
    assert dict(httpx.pins) == {"httpx": "0.28.1", "httpcore": "1.0.9", "anyio": "4.16.0", "h11": "0.16.0"}
    assert dict(httpx2.pins) == {"httpx2": "2.4.0", "httpcore2": "2.4.0", "anyio": "4.16.0", "h11": "0.16.0"}
    assert [target.required_by for target in (httpx, httpx2)] == [{"httpx": ["langfuse"]}, {"httpx2": ["anthropic"]}]
    assert [parse(target.spec) for target in (httpx, httpx2)] == [httpx, httpx2]
    assert parse_all(httpx2.spec) == [httpx2]


def test_one_client_is_the_target_of_its_spec(two: str, tmp_path: Path) -> None:
    (tmp_path / "requirements.txt").write_text("httpx==0.28.1\nhttpcore==1.0.9\n")
    assert parse_all(two) == [parse(two)]
    assert parse_all("httpx==0.28.1") == [parse("httpx==0.28.1")]


def test_a_package_set_has_every_client_and_what_requires_it(two: str) -> None:
    asked = package_set_of(two)
    assert asked.clients == ["httpx", "httpx2"]
    assert asked.packages["httpcore2"] == "2.4.0"
    assert asked.required_by == {"httpx": ["langfuse"], "httpx2": ["anthropic"]}


def test_a_client_that_is_not_in_the_lock_is_refused(two: str) -> None:
    with pytest.raises(UsageError, match="httpxyz is not in it; it has httpx, httpx2"):
        parse(f"{two}?client=httpxyz")


def test_one_client_without_a_pin_is_left_out_and_named(two: str, tmp_path: Path) -> None:
    (tmp_path / "requirements.txt").write_text(TWO.replace("httpx2==2.4.0", "httpx2>=2"))
    (target,) = parse_all(two)
    assert target.client == "httpx"
    assert "httpx2 is not pinned, and left out: lock it" in target.notes
    with pytest.raises(UsageError, match="httpx2 is not pinned; lock it, such as with `uv lock`"):
        parse(f"{two}?client=httpx2")


def test_run_measures_every_client_of_a_lock(poolgate: Poolgate, two: str) -> None:
    _, out, err = poolgate("run", "sequential-reuse", "--target", two, "--format", "json")
    cells = json.loads(out)["cells"]
    assert [cell["target"] for cell in cells] == [f"{two}?client=httpx", f"{two}?client=httpx2"], err
    assert ["httpx2" in cell["packages"] for cell in cells] == [False, True]
    assert ["httpx" in cell["packages"] for cell in cells] == [True, False]

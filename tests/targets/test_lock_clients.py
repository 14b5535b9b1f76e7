"""Locks of several clients: each is a target of its own, with what requires it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from poolgate.answers.affected.package_set import package_set_of
from poolgate.cli.measuring import say_notes
from poolgate.errors import UsageError
from poolgate.formats.links import file_of, line_in
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


def test_one_client_without_a_pin_is_answered_for_what_it_resolves_to(two: str, tmp_path: Path) -> None:
    """It has to suit the pool that the lock pins; what no release suits is left out, and named."""
    (tmp_path / "requirements.txt").write_text(TWO.replace("httpx2==2.4.0", "httpx2>=2"))
    assert [target.client for target in parse_all(two)] == ["httpx", "httpx2"]
    found = parse(f"{two}?client=httpx2")
    assert dict(found.pins)["httpx2"] == "2.4.0"
    assert "httpx2 is a floor, not a pin; answered for 2.4.0, to which it resolves" in found.notes
    (tmp_path / "requirements.txt").write_text(TWO.replace("httpx2==2.4.0", "httpx2>=99"))
    (target,) = parse_all(two)
    assert target.client == "httpx"
    assert "httpx2 is a floor, not a pin, and no known release of it suits: it is left out" in target.notes
    with pytest.raises(UsageError, match="no known release of it suits; lock it, such as with `uv lock`"):
        parse(f"{two}?client=httpx2")


def test_run_measures_every_client_of_a_lock(poolgate: Poolgate, two: str) -> None:
    _, out, err = poolgate("run", "sequential-reuse", "--target", two, "--format", "json")
    cells = json.loads(out)["cells"]
    assert [cell["target"] for cell in cells] == [f"{two}?client=httpx", f"{two}?client=httpx2"], err
    assert ["httpx2" in cell["packages"] for cell in cells] == [False, True]
    assert ["httpx" in cell["packages"] for cell in cells] == [True, False]


def test_a_verb_of_one_target_says_which_client_it_takes(two: str, capsys: pytest.CaptureFixture[str]) -> None:
    say_notes([parse(two)])
    assert capsys.readouterr().err == f"poolgate: {two}: httpx is tested; name httpx2 as in lock:PATH?client=httpx2\n"
    say_notes(parse_all(two))
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize("suffix", ["", "?client=httpx2", "@3.12", "@3.12?client=httpx2"])
def test_the_file_of_a_lock_is_known_without_its_flags(two: str, suffix: str) -> None:
    assert file_of(two + suffix) == two.removeprefix("lock:")
    assert line_in(two + suffix, {"httpx2": "2.4.0", "httpcore2": "2.4.0"}) == 10
    assert file_of(f"{two}?rev=main") is None
    assert file_of("httpx==0.28.1") is None


@pytest.mark.parametrize(
    ("text", "required_by"),
    [
        (
            "anthropic==1.0.0\nlangfuse==3.0.0\nhttpx==0.28.1\nhttpx2==2.4.0\n",
            {"httpx": ["langfuse"], "httpx2": ["anthropic"]},
        ),
        ("anthropic==0.86.0\nopenai[aiohttp]==1.0.0\nhttpx==0.28.1\n", {"httpx": ["anthropic", "openai"]}),
        ("anthropic>=1\nhttpx==0.28.1\nhttpx2==2.4.0\n", {}),
        ("anthropic==0.1\nhttpx==0.28.1\n", {}),
        ("anthropic==0.86.0\nhttpx==0.28.1  # via app\n", {"httpx": ["app"]}),
    ],
)
def test_a_lock_without_a_graph_has_what_is_recorded(
    two: str, tmp_path: Path, text: str, required_by: dict[str, list[str]]
) -> None:
    """The catalogue records which clients well-known packages require; the graph of a lock is never mixed with it."""
    (tmp_path / "requirements.txt").write_text(text)
    assert parse(two).required_by == required_by


def test_a_requirement_of_such_a_package_that_can_not_be_read_is_refused(two: str, tmp_path: Path) -> None:
    (tmp_path / "requirements.txt").write_text("httpx==0.28.1\nanthropic==?\n")
    with pytest.raises(UsageError, match="line 2 is not a requirement: anthropic=="):
        parse(two)

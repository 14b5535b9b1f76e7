"""What is written of findings whose trigger is reached in the code, is not seen, is unknown, or depends on more."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest
from support.answers import cell
from support.golden_files import golden, undated

from poolgate.answers.affected.answer import AffectedAnswer, affected_answer
from poolgate.answers.affected.package_set import PackageSet
from poolgate.answers.reach.answer import Reach
from poolgate.answers.reach.read import read_code
from poolgate.cells.groups import Group
from poolgate.formats.affected import render
from poolgate.formats.format import Format
from poolgate.ledger.stack import Entry, Stack

PROGRAM = """\
import asyncio
import httpx

client = httpx.AsyncClient(http2=False)


async def fetch():
    async with asyncio.timeout(1):
        await client.get("https://example.org/")
"""
SCENARIOS = ["gather-over-limit", "cancel-connecting", "close-pool", "tunnel-fault", "several-loops"]


@pytest.fixture
def answer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AffectedAnswer:
    """Findings of five groups, for a program that leaves the proxy to the environment."""
    monkeypatch.chdir(tmp_path)
    Path("app.py").write_text(PROGRAM)
    packages = {"httpx": "0.28.1", "httpcore": "1.0.2"}
    failing = cell(status="fail")
    cells = [Entry(**{**failing.fields(), "scenario": name}, instrument="x", python="3.11.7") for name in SCENARIOS]
    stack = Stack(python="3.11", packages={"h11": "0.14.0", **packages}, releases=["httpcore==1.0.2"], cells=cells)
    asked = PackageSet("lock:uv.lock", {**packages, "h11": "0.14.0"}, None, "3.11")
    return affected_answer(asked, [stack], code=read_code(Path("app.py"), ["httpx"]))


def test_each_state_of_a_group_is_in_the_example(answer: AffectedAnswer) -> None:
    assert answer.code is not None
    states = {group: found.state for group, found in answer.code.groups.items()}
    assert states[Group.PROXY] is states[Group.CLOSING] is Reach.DEPENDS
    assert set(states.values()) == set(Reach)


@pytest.mark.parametrize(("name", "everything"), [("affected-code", False), ("affected-code-all", True)])
def test_what_depends_on_more_than_the_code_is_said(name: str, everything: bool, answer: AffectedAnswer) -> None:
    text = undated(render(answer, Format.TEXT, everything=everything))
    assert text == golden(name, Format.TEXT)
    assert "depends on HTTP_PROXY" in text


def test_the_state_is_in_the_json(answer: AffectedAnswer) -> None:
    found = msgspec.json.decode(render(answer, Format.JSON))
    (proxy,) = [each for each in found["findings"] if each["group"] == Group.PROXY]
    assert (proxy["reach"]["depends"], proxy["reach"]["seen"], proxy["reach"]["known"]) == (True, False, False)
    assert found["code"]["groups"]["proxy"]["state"] == "depends"

"""`poolgate floor`: the lowest release from which nothing more stops failing, from stored verdicts alone."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Callable
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from packaging.requirements import Requirement
from packaging.version import Version
from support.golden_files import golden

from answers.test_fixed import FAIL, FLAKY, PASS, UNSUPPORTED
from poolgate.answers.floor.answer import FloorAnswer, floor_answer
from poolgate.answers.floor.requirement import admitted, raised, requirement_in, short
from poolgate.answers.release_line.stored import by_release
from poolgate.catalogue.packages import LINES
from poolgate.cells.groups import Group
from poolgate.cells.select import select
from poolgate.cli.parser import build_parser
from poolgate.errors import NothingSelectedError, UsageError
from poolgate.formats.floor import render, to_text
from poolgate.formats.format import Format
from poolgate.ledger.freshness import State
from poolgate.ledger.instruments import SHIPPED
from poolgate.ledger.stack import Entry, Stack
from poolgate.ledger.store import Ledger
from poolgate.verdict.words import Freshness

Poolgate = Callable[..., tuple[int, str, str]]
CHOSEN = select(["gather-over-limit", "queue-timeout", "cancel-reading", "h2-streams"])
STALE = msgspec.structs.replace(PASS, state=State(freshness=Freshness.STALE, why="another server"))


def stack(version: str, **entries: Entry) -> Stack:
    """A release of httpx2; each entry by the id of its scenario."""
    cells = [msgspec.structs.replace(each, scenario=name.replace("_", "-")) for name, each in entries.items()]
    packages = {"httpcore2": version, "httpx2": version}
    return Stack(python="3.11", packages=packages, releases=[f"httpx2=={version}"], cells=cells)


STACKS = [
    stack("2.0.0", gather_over_limit=FAIL, cancel_reading=FAIL, h2_streams=FAIL),
    stack("2.1.0", gather_over_limit=FAIL, cancel_reading=PASS, h2_streams=FAIL, queue_timeout=FAIL),
    stack("2.2.0", gather_over_limit=STALE, cancel_reading=FAIL, h2_streams=FAIL, queue_timeout=FAIL),
    stack("2.3.0", gather_over_limit=PASS, cancel_reading=PASS, h2_streams=PASS, queue_timeout=FAIL),
    stack("2.4.0", gather_over_limit=PASS, cancel_reading=PASS, h2_streams=FAIL, queue_timeout=UNSUPPORTED),
    stack("2.5.0", gather_over_limit=PASS, cancel_reading=PASS, h2_streams=PASS),
]


def answered(text: str = "httpx2>=2.0,<2.6") -> FloorAnswer:
    return floor_answer(text, CHOSEN, by_release(STACKS))


@pytest.mark.parametrize("wanted", [Format.TEXT, Format.JSON])
def test_the_answer_is_written_as_in_the_golden_files(wanted: Format) -> None:
    assert render(answered(), wanted) == golden("floor", wanted)


def test_all_of_it_is_written_as_in_the_golden_file() -> None:
    assert to_text(answered(), everything=True) == golden("floor-all", Format.TEXT)


def test_the_floor_is_the_last_release_that_stops_a_failure_for_good() -> None:
    """The failure under HTTP/2 stops later, but a program needs h2 to meet it."""
    answer = answered()
    assert (answer.floor, answer.core, answer.pyproject) == ("2.3.0", "2.3.0", "httpx2>=2.3,<2.6")
    assert {each.group: (each.floor, each.counts) for each in answer.groups} == {
        "cancellation": ("2.3.0", True),
        "queue": ("2.3.0", True),
        "http2": ("2.5.0", False),
    }
    assert [(stop.release, stop.scenario, stop.back_in) for stop in answer.stops] == [
        ("2.5.0", "h2-streams", None),
        ("2.3.0", "gather-over-limit", None),
        ("2.3.0", "cancel-reading", None),
        ("2.3.0", "h2-streams", "2.4.0"),
        ("2.1.0", "cancel-reading", "2.2.0"),
    ]


def test_an_extra_of_the_requirement_makes_its_group_count() -> None:
    assert answered("httpx2[http2]>=2.0,<2.6").floor == "2.5.0"
    assert floor_answer("httpx2", select(["h2-streams"]), by_release(STACKS)).floor == "2.5.0"


def test_what_is_not_judged_is_named_and_never_a_pass() -> None:
    """The stale pass of 2.2.0 does not end the failure; a release is compared with the last judged one."""
    answer = answered()
    (gather,) = [stop for stop in answer.stops if stop.scenario == "gather-over-limit"]
    assert (gather.previous, gather.adjacent, gather.failing) == ("2.1.0", False, ["2.0.0 to 2.1.0"])
    gaps = {each.scenario: each.releases for each in answer.not_judged}
    assert gaps == {
        "gather-over-limit": {"stale": ["2.2.0"]},
        "queue-timeout": {"not measured": ["2.0.0", "2.5.0"], "unsupported": ["2.4.0"]},
    }
    assert (answer.stale, answer.judged, answer.of) == (1, 4, 4)
    assert [(each.scenario, each.release) for each in answer.remaining] == [("queue-timeout", "2.3.0")]


def test_a_change_that_may_be_chance_does_not_move_the_floor() -> None:
    stacks = [stack("2.0.0", gather_over_limit=FLAKY), stack("2.1.0", gather_over_limit=PASS)]
    answer = floor_answer("httpx2>=2.0,<2.2", CHOSEN, by_release(stacks))
    assert (answer.floor, answer.with_doubt, answer.stops) == ("2.0.0", "2.1.0", [])
    assert [stop.release for stop in answer.in_doubt] == ["2.1.0"]
    assert "2.1.0 if changes count that may be chance: gather-over-limit." in to_text(answer)


def test_a_bound_that_is_high_enough_is_kept_as_it_is_written() -> None:
    answer = answered("httpx2 >=2.5, <2.6")
    assert (answer.floor, answer.kept, answer.pyproject) == ("2.5.0", True, "httpx2 >=2.5, <2.6")
    assert to_text(answer).startswith("httpx2 >=2.5, <2.6: keep the bound: no later release stops another failure.")


def test_releases_without_a_verdict_are_below_the_floor() -> None:
    answer = floor_answer("httpx2<2.2", CHOSEN, by_release(STACKS[1:2]))
    assert (answer.floor, answer.pyproject) == ("2.1.0", "httpx2>=2.1,<2.2")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("httpx2>=2.0,<3", "httpx2>=2.3,<3"),
        ("httpx2", "httpx2>=2.3"),
        ("httpx2>2,!=2.4.0", "httpx2>=2.3,!=2.4.0"),
        ("httpx2~=2.0", "httpx2>=2.3,<3"),
        ("httpx2~=2.0.0", "httpx2>=2.3,<2.1"),
        ("HTTPX2[http2,brotli]>=2 ; python_version >= '3.9'", 'httpx2[brotli,http2]>=2.3; python_version >= "3.9"'),
    ],
)
def test_everything_but_the_lower_bound_stays(text: str, expected: str) -> None:
    assert raised(requirement_in(text), "2.3.0") == expected
    Requirement(expected)


@pytest.mark.parametrize("text", ["httpx2>=2.0", 'httpx2>=2.0; python_version<"3.9"', "httpx2>=2.5; os_name=='nt'"])
def test_the_line_for_pyproject_is_toml(text: str) -> None:
    answer = floor_answer(text, CHOSEN, by_release(STACKS))
    line = to_text(answer).split("In pyproject.toml: ")[1].split("\n")[0]
    assert tomllib.loads(f"line = {line}") == {"line": answer.pyproject}


def test_a_version_is_written_short() -> None:
    assert [short(version) for version in ("2.10.0", "2.0.0", "2.0.1", "2")] == ["2.10", "2.0", "2.0.1", "2"]


@given(st.sampled_from(LINES), st.data())
def test_a_raised_requirement_admits_the_floor_and_nothing_below(line: str, data: st.DataObject) -> None:
    requirement = requirement_in(line)
    versions = admitted(requirement)
    floor = data.draw(st.sampled_from(versions))
    assert admitted(requirement_in(raised(requirement, floor))) == versions[versions.index(floor) :]


@pytest.mark.parametrize(
    ("text", "kind", "expected"),
    [
        ("httpx==", UsageError, "'httpx==' is not a requirement; write it like 'httpx2>=2.0,<3'"),
        ("", UsageError, "'' is not a requirement"),
        ("httpx @ https://example.org/httpx.whl", UsageError, "names a URL, not releases"),
        ("requests", UsageError, "'requests' has no release line; there are httpx, httpcore, httpx2, httpxyz"),
        ("httpx>=3", NothingSelectedError, "httpx>=3 admits no release; httpx has 0.6.7 to 0.28.1"),
    ],
)
def test_what_cannot_be_answered_is_one_line(poolgate: Poolgate, text: str, kind: Any, expected: str) -> None:
    with pytest.raises(kind, match=expected.replace("(", r"\(")):
        floor_answer(text, CHOSEN, by_release(STACKS))
    code, out, err = poolgate("floor", text)
    assert (code, out, len(err.splitlines())) == (kind.exit_code, "", 1)


def test_nothing_judged_is_exit_code_3(poolgate: Poolgate) -> None:
    code, out, _ = poolgate("floor", "httpx2<0.1")
    assert (code, out.splitlines()[0]) == (3, "httpx2<0.1: nothing is judged on these releases.")
    assert "Not judged: not measured: 0.0.0: every scenario." in out


def test_a_group_without_a_scenario_selects_nothing(poolgate: Poolgate) -> None:
    code, out, err = poolgate("floor", "httpx2", "--group", "http2", "--scenario", "core")
    assert (code, out) == (4, "")
    assert err == "poolgate: none of these scenarios is in http2; add --scenario 'all[*]'\n"


def test_the_command_line_names_every_group(poolgate: Poolgate) -> None:
    (verbs,) = [action for action in build_parser()._actions if action.dest == "verb"]
    (group,) = [action for action in dict(verbs.choices or {})["floor"]._actions if action.dest == "group"]
    assert str(group.help).removeprefix("only these: ").split(", ") == sorted(Group, key=str(group.help).index)
    code, _, err = poolgate("floor", "httpx2", "--group", "moon")
    assert (code, err) == (2, f"poolgate: 'moon' is not a group; groups are {', '.join(Group)}\n")


def test_the_shipped_verdicts_answer_for_every_line(poolgate: Poolgate) -> None:
    """One screen for each; the floor is right by brute force: no lasting pass begins after it."""
    known = by_release(Ledger(SHIPPED).stacks)
    for line in LINES:
        answer = floor_answer(line, select(["all"]), known)
        lines = to_text(answer).splitlines()
        assert len(lines) <= 24, line
        assert max(map(len, lines)) <= 80, line
        counting = {each.group for each in answer.groups if each.counts}
        lasting = [s.release for s in answer.stops if s.back_in is None and s.group in counting]
        assert answer.floor == max([*lasting, str(answer.floor)], key=Version)
    code, out, err = poolgate("floor", "httpx2>=2.0,<3", "--format", "json")
    assert (code, err) == (0, "")
    assert json.loads(out)["pyproject"].startswith("httpx2>=2.")

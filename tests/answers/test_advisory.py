"""Saved pages: their claims are read from the text, and each statement is checked against cells alone."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest
from conftest import DATA
from hypothesis import given
from hypothesis import strategies as st

from answers.test_claim_verdicts import cell
from poolgate.answers.advisory import answer as advisory
from poolgate.answers.advisory.answer import PageAnswer
from poolgate.answers.advisory.lost_slots import lost_slots_of
from poolgate.answers.advisory.nearest import nearest_scenario
from poolgate.answers.advisory.page import PageError, load_page, text_of
from poolgate.answers.advisory.plan import plan_of, target_of
from poolgate.answers.release_line.timeline import timeline_of
from poolgate.answers.workarounds.remedies import tried_remedy
from poolgate.catalogue.releases import load
from poolgate.cells.commands import replay
from poolgate.errors import PoolgateError
from poolgate.formats.advisory import page_markdown, page_text
from poolgate.ledger.stack import Entry, Stack
from poolgate.verdict.judgement import Point
from poolgate.verdict.outcome import CellResult
from poolgate.verdict.words import Status

Poolgate = Callable[..., tuple[int, str, str]]
PAGES = DATA / "pages"
PASS, HANGS, DEAD = "completes/serves", "hangs/serves", "pool-timeout/dead/PoolTimeout"


@pytest.mark.parametrize("name", ["advisory.txt", "advisory.html"])
def test_a_page_is_read_whether_text_or_html(name: str) -> None:
    page = load_page(PAGES / name)
    assert (page.issue, page.fix, page.release) == ("encode/httpx#1171", "encode/httpcore#880", "0.14.0")
    assert (page.python, page.packages, page.meant) == ("3.6", {"httpx": "0.25.0"}, "httpcore")
    assert (page.remedies, page.errors, page.executed) == (["semaphore"], ["PoolTimeout"], False)
    assert "Starlette" in str(page.reproduction)
    assert "Why" not in str(page.reproduction)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("nothing", "names no issue: a line such as `closed encode/httpx issue #1171` is looked for"),
        ("closed encode/httpx issue #1171", "names no release: a line such as `First fixed release: 0.13.0`"),
        ("closed encode/httpx issue #99999\nFirst fixed release: 0.1.0", "no scenario is about encode/httpx#99999"),
    ],
)
def test_a_page_that_claims_nothing_is_one_line(poolgate: Poolgate, tmp_path: Path, text: str, expected: str) -> None:
    (tmp_path / "page.txt").write_text(text)
    code, out, err = poolgate("verify", str(tmp_path / "page.txt"))
    assert (code, out) == (4 if "scenario" in expected else 2, "")
    assert expected in err
    assert len(err.splitlines()) == 1


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Idle connections are not closed after keepalive_expiry seconds", "keepalive-expiry"),
        ("The connection to a SOCKS5 proxy is left open if the handshake fails or is cancelled", "socks-fault"),
        ("A CONNECT tunnel that the proxy refuses with 407 keeps its slot in the pool", "tunnel-fault"),
        ("Connections leak when a request is cancelled while connecting, and stay in the pool", "cancel-connecting"),
        ("Client used from a second event loop: RuntimeError bound to a different event loop", "several-loops"),
        ("The DNS resolver cache of the client ignores the TTL of records", None),
        ("Cookies are not persisted across redirects to another domain", None),
        ("Authorization header is leaked to another origin upon redirect", None),
        ("Type hints of httpx.Timeout reject None; mypy reports an error", None),
    ],
)
def test_a_page_has_the_nearest_scenario_or_none(text: str, expected: str | None) -> None:
    assert nearest_scenario(text) == expected


def test_a_page_that_is_too_large_is_not_read(tmp_path: Path) -> None:
    (tmp_path / "page.txt").write_bytes(b" " * (4 * 1024 * 1024 + 1))
    with pytest.raises(PageError, match="can't be read: it has more than 4194304 bytes"):
        load_page(tmp_path / "page.txt")


@given(st.text())
def test_no_text_is_more_than_words(text: str) -> None:
    text_of(f"<p>{text}")


@given(st.sampled_from(["advisory.txt", "advisory.html"]), st.data())
def test_a_damaged_page_is_read_or_refused(
    tmp_path_factory: pytest.TempPathFactory, name: str, data: st.DataObject
) -> None:
    """A piece of a saved page is cut out, doubled, or replaced by anything."""
    page = (PAGES / name).read_bytes()
    start, end = sorted(data.draw(st.integers(0, len(page))) for _ in range(2))
    instead = data.draw(st.sampled_from([b"", page[start:end] * 2]) | st.binary(max_size=30))
    written = tmp_path_factory.getbasetemp() / "damaged.txt"
    written.write_bytes(page[:start] + instead + page[end:])
    expected = "it was read"
    try:
        plan_of(load_page(written))
    except PoolgateError as error:
        expected = str(error)
    assert len(expected.splitlines()) == 1


def answered(changes: dict[tuple[str, str], list[str]] | None = None) -> PageAnswer:
    """The answer to the page where `gather-over-limit` is fixed by 0.14.0, and `cancel-task-group` by 1.0.3."""
    page = load_page(PAGES / "advisory.txt")
    plan = plan_of(page)
    plan = msgspec.structs.replace(plan, subjects=[s for s in plan.subjects if s.name in _FIRST])
    cells = [_cell(spec, subject.name) for spec in plan.specs for subject in plan.subjects]
    pairs = advisory.remedy_pairs(plan, cells)
    tried = [
        (name, tried_remedy(name, before, cell(before.target, PASS, scenario=before.scenario)))
        for name, before, *_ in pairs
    ]
    return advisory.page_answer(page, plan, cells, tried)


_FIRST = {"gather-over-limit": (0, 14, 0), "cancel-task-group": (1, 0, 3)}


def _cell(spec: str, scenario: str) -> CellResult:
    if "@3.6" in spec:
        return cell(spec, scenario=scenario, status=Status.UNINSTALLABLE)
    package, _, version = spec.partition("==")
    numbers: Any = tuple(map(int, version.split(".")))
    bound = _FIRST[scenario] if package == "httpcore" else (0, 26, 0)
    found = cell(spec, PASS if numbers >= bound else DEAD, scenario=scenario)
    return msgspec.structs.replace(found, replay=replay(scenario, spec))


def test_each_statement_is_answered() -> None:
    answer = answered()
    expected = {finding.statement: (finding.verdict, finding.measured) for finding in answer.findings}
    assert expected["the environment is Python 3.6, httpx 0.25.0"] == (
        "refuted",
        "there is none: httpx 0.25.0 requires Python >=3.8",
    )
    assert expected["what encode/httpx#1171 describes happens with httpx==0.25.0"][0] == "confirmed"
    assert expected["the reproduction that it shows reproduces the failure"][0] == "refuted"
    assert expected["httpx 0.14.0 is the first fixed release"][0] == "refuted"
    assert expected["httpcore 0.14.0 is the first fixed release"][0] == "refuted"
    assert expected["gather-over-limit is fixed since httpcore 0.14.0 (the fix is httpcore's)"][0] == "confirmed"
    verdict, measured = expected["cancel-task-group is fixed since httpcore 0.14.0 (the fix is httpcore's)"]
    assert (verdict, measured) == ("refuted", "it passes since httpcore 1.0.3")
    workaround = "a semaphore of `max_connections` around each request is a workaround against cancel-task-group"
    assert expected[workaround] == ("confirmed", "it helps on httpcore==1.0.2")
    _, measured = expected["httpcore 0.14.0 is the first fixed release"]
    assert measured == (
        "it is meant, for encode/httpcore#880 is httpcore's; from httpcore==0.13.7 to httpcore==0.14.0: "
        "fixes: gather-over-limit; fails on both: cancel-task-group"
    )


def test_the_workaround_is_tried_where_the_failure_was_seen_last() -> None:
    page = load_page(PAGES / "advisory.txt")
    plan = plan_of(page)
    cells = [_cell(spec, scenario) for spec in plan.specs for scenario in _FIRST]
    plan = msgspec.structs.replace(plan, subjects=[s for s in plan.subjects if s.name in _FIRST])
    pairs = advisory.remedy_pairs(plan, cells)
    tried = {before.scenario: other.name for name, before, _, other in pairs if name == "semaphore"}
    assert tried["gather-over-limit"] == "gather-over-limit[remedy=semaphore]@httpcore==0.13.7"
    assert tried["cancel-task-group"] == "cancel-task-group[remedy=semaphore]@httpcore==1.0.2"


def test_no_statement_lacks_its_command() -> None:
    """Every block of the page is a heading, or a command follows it."""
    answer = answered()
    assert all(finding.command.startswith("poolgate ") for finding in answer.findings)
    page = page_markdown(answer)
    blocks = page.split("\n\n")
    after = [*blocks[1:], ""]
    expected = [pair for pair in zip(blocks, after, strict=True) if not pair[0].startswith(("#", "    "))]
    assert [block for block, command in expected if not command.strip().startswith("poolgate ")] == []
    assert len(expected) > len(answer.findings)
    assert "| 1.0.3 (2024-02-14)? | none | pass |" in page
    assert page.startswith("# [encode/httpx\\#1171](https://github.com/encode/httpx/issues/1171)")
    assert "  REFUTED: httpx 0.14.0 is the first fixed release" in page_text(answer)


def test_each_release_that_changes_a_failure_is_in_the_table() -> None:
    """Fixed, broken again and fixed: not one boundary but three, with their days."""
    broken = {"1.0.3": DEAD, "1.0.4": DEAD, "1.0.5": HANGS}
    specs = [f"httpcore=={release.version}" for release in load().line("httpcore:1.0.0..1.0.6")]
    cells = [cell(spec, broken.get(spec.partition("==")[2], PASS)) for spec in specs]
    cells[0] = cell(specs[0], DEAD)
    timeline = timeline_of("httpcore", specs, "gather-over-limit", cells)
    assert [(change.release, change.kind, change.released) for change in timeline.changes] == [
        ("1.0.1", "fixed", "2023-11-03"),
        ("1.0.3", "broken again", "2024-02-14"),
        ("1.0.5", "better", "2024-03-27"),
        ("1.0.6", "fixed", "2024-10-01"),
    ]
    assert (timeline.fixed_in, timeline.flips) == ("1.0.6", "poolgate flips gather-over-limit --line httpcore")
    # Cells without packages may have the same code: each change is in doubt.
    assert [(str(each), each.kind.rstrip("?")) for each in timeline.spans] == [
        ("1.0.0", ""),
        ("1.0.1 to 1.0.2", "fixed"),
        ("1.0.3 to 1.0.4", "broken again"),
        ("1.0.5", "better"),
        ("1.0.6", "fixed"),
    ]
    assert timeline.failing == ["1.0.0", "1.0.3 to 1.0.5"]


def test_the_sweep_of_the_same_release_finds_where_a_slot_is_lost() -> None:
    """A cancelled group has functions in which its slots are lost; a queue that is never woken has none."""
    points = [
        Point(style=style, situation=situation, backend="asyncio", site=site, step=3, lost=1)
        for style, situation, site in [
            ("native", "cold", "pool:_assign"),
            ("native", "warm", "pool:_assign"),
            ("level", "cold", "pool:_assign"),
            ("level", "cold", "connection:close"),
        ]
    ]
    specs = ["httpcore==1.0.1", "httpcore==1.0.2", "httpcore==1.0.3"]
    sweep = msgspec.structs.replace(cell(specs[1], "completes/leaks", scenario="cancel-sweep"), points=points)
    cells = [cell(spec, DEAD, scenario=name) for spec in specs[:2] for name in _FIRST]
    cells = [*cells, *(cell(specs[2], PASS, scenario=name) for name in _FIRST), sweep]
    timelines = [timeline_of("httpcore", specs, name, cells) for name in _FIRST]
    gather, group = lost_slots_of(timelines, specs, cells)
    assert (gather.target, gather.sites, gather.command) == ("httpcore==1.0.2", [], None)
    assert [(site.function, site.when) for site in group.sites] == [
        ("connection:close", ["level: cold"]),
        ("pool:_assign", ["level: cold"]),
    ]
    page = page_text(msgspec.structs.replace(answered(), losses=[gather, group]))
    assert "a slot is lost in pool:_assign (level: cold)" in page
    assert "No function is known in which a slot is lost" in page
    written = page_markdown(msgspec.structs.replace(answered(), losses=[gather, group]))
    assert "| cancel-task-group on httpcore==1.0.2: a slot is lost where a request is cancelled in |" in written
    assert "| connection:close | level: cold |" in written


def test_what_a_page_says_to_search_for_is_looked_for_in_what_fails() -> None:
    """A line of the user's own program occurs in every failure."""
    page = load_page(PAGES / "advisory.txt")
    assert page.signature == "loop.run_until_complete(main())"
    expected = {finding.statement: (finding.verdict, finding.measured) for finding in answered().findings}
    verdict, measured = expected["the failure is found by searching for loop.run_until_complete(main())"]
    assert verdict == "refuted"
    assert measured == "what fails raises PoolTimeout, and any program has such a line of its own"


@pytest.mark.parametrize(
    ("text", "remedies"),
    [
        ("use httpx.Timeout(5, pool=None)", ["wait-for-ever"]),
        ("set max_keepalive_connections=0, or max_keepalive = 0", ["no-keepalive"]),
        ("What helps is reading the whole response body, or closing the response", ["read", "close"]),
        ("I also tested reading the whole response body and closing the response", []),
        ("I tried a Semaphore. With a Semaphore it works", ["semaphore"]),
        ("await asyncio.shield(task)", ["shield"]),
        ("nothing helps", []),
    ],
)
def test_the_workarounds_that_a_page_speaks_of_are_known(tmp_path: Path, text: str, remedies: list[str]) -> None:
    (tmp_path / "page.txt").write_text(f"closed encode/httpx issue #1171\nFirst fixed release: 0.14.0\n{text}\n")
    assert load_page(tmp_path / "page.txt").remedies == remedies


def test_where_the_fixed_release_cannot_be_installed_is_reported() -> None:
    fixes = {remedy.scenario: remedy.when_not for remedy in answered().remedies if "or newer" in remedy.what}
    assert fixes["cancel-task-group"] == (
        "on a Python other than >=3.8 or with httpx below 0.25.1, which does not admit it"
    )


def test_a_failure_that_no_release_of_a_line_fixes_is_looked_up_elsewhere() -> None:
    """The newest release fails: stored verdicts name another one, and its cost."""
    page = load_page(PAGES / "advisory.txt")
    plan = plan_of(page)
    plan = msgspec.structs.replace(plan, subjects=[s for s in plan.subjects if s.name == "gather-over-limit"])
    cells = [cell(spec, DEAD, scenario="gather-over-limit") for spec in plan.specs]
    newest = dict(target_of(plan.releases[-1]).pins)
    stacks = [
        _stack(newest, [plan.releases[-1]], cell("x", DEAD)),
        _stack({"httpx2": "2.16.2", "httpcore2": "2.16.2"}, ["httpx2==2.16.2"], cell("x", PASS)),
    ]
    answer = advisory.page_answer(page, plan, cells, [], stacks)
    (remedy,) = answer.remedies
    assert (remedy.what, remedy.when_not) == ("httpx2==2.16.2", "another package, another import name")
    assert remedy.command == "poolgate run gather-over-limit --target httpx2==2.16.2"
    assert "- **httpx2==2.16.2**: it passes there" in page_markdown(answer)


def _stack(packages: dict[str, str], releases: list[str], known: CellResult) -> Stack:
    entry = Entry(**known.fields(), instrument="", python="3.11.7")
    return Stack(python="3.11", packages=packages, releases=releases, cells=[entry])


def test_nothing_of_a_page_becomes_markup() -> None:
    answer = answered()
    evil = msgspec.structs.replace(answer.findings[0], statement="<b>x</b>|[y](z)")
    page = page_markdown(msgspec.structs.replace(answer, findings=[evil]))
    assert "<b>" not in page
    assert "\\<b\\>x\\</b\\>\\|\\[y\\](z)" in page

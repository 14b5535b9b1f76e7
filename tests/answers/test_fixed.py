"""`poolgate fixed`: what a thread describes, where each line fixed it and broke it again, and what is best today."""

from __future__ import annotations

import json
from collections.abc import Callable

import msgspec
import pytest
from ledger.test_ledger import ENTRY
from support.golden_files import golden

from poolgate.answers.claims.threads import Thread, find_thread, known_threads
from poolgate.answers.fixed.answer import FixedAnswer, fixed_answer
from poolgate.answers.release_line.line_history import LineHistory
from poolgate.answers.release_line.stored import by_release
from poolgate.formats.fixed import render, to_text
from poolgate.formats.format import Format
from poolgate.ledger.freshness import State
from poolgate.ledger.instruments import SHIPPED
from poolgate.ledger.stack import Entry, Stack
from poolgate.ledger.store import Ledger
from poolgate.scenarios import declared
from poolgate.verdict.rate import rate_of
from poolgate.verdict.words import After, Freshness, Status

Poolgate = Callable[..., tuple[int, str, str]]

LEAKS = {"after": After.LEAKS, "key": "completes/leaks"}
FAIL = msgspec.structs.replace(ENTRY, status=Status.FAIL, keys={"completes/leaks": 3}, repeats=3, **LEAKS)
PASS = msgspec.structs.replace(ENTRY, keys={"completes/serves": 3}, repeats=3)
FLAKY = msgspec.structs.replace(
    FAIL, status=Status.FLAKY, rate=rate_of(1, 3), keys={"completes/leaks": 1, "completes/serves": 2}
)
UNSUPPORTED = msgspec.structs.replace(
    ENTRY, status=Status.UNSUPPORTED, burst=None, after=None, key=None, keys={}, reason="it has no such API"
)
THREAD = Thread("encode/httpcore#7", [declared()["gather-over-limit"], declared()["queue-timeout"]])


def stack(release: str, entry: Entry, pool: str = "1.0.9") -> Stack:
    name, _, version = release.partition("==")
    client, core = {"httpcore": ("0.28.1", version)}.get(name, (version, pool))
    fork = name.removeprefix("httpx").removeprefix("httpcore")
    packages = {"h11": "0.16.0", f"httpcore{fork}": core, f"httpx{fork}": client}
    return Stack(python="3.11", packages=packages, releases=[release], cells=[entry])


STACKS = [
    stack("httpcore==1.0.0", UNSUPPORTED),
    stack("httpcore==1.0.1", FAIL),
    stack("httpcore==1.0.2", PASS),
    stack("httpcore==1.0.4", FAIL),
    stack("httpcore==1.0.5", PASS),
    stack("httpx==0.28.1", FAIL),
    stack("httpx2==2.16.1", FAIL, "2.16.1"),
    stack("httpx2==2.16.2", PASS, "2.16.2"),
    stack("httpxyz==0.42.1", PASS, "1.2.1"),
]


def answered() -> FixedAnswer:
    return fixed_answer(THREAD, by_release(STACKS))


@pytest.mark.parametrize("wanted", [Format.TEXT, Format.JSON])
def test_the_answer_is_written_as_in_the_golden_files(wanted: Format) -> None:
    assert render(answered(), wanted) == golden("fixed", wanted)


def test_all_of_it_is_written_as_in_the_golden_file() -> None:
    assert to_text(answered(), everything=True) == golden("fixed-all", Format.TEXT)


def line_of(answer: FixedAnswer, line: str) -> LineHistory:
    return next(each for each in answer.failures[0].lines if each.line == line)


def test_a_release_that_brings_a_failure_back_is_named() -> None:
    core = line_of(answered(), "httpcore")
    assert (core.fixed_in, core.returned_in, core.failing) == ("1.0.5", ["1.0.4"], ["1.0.1", "1.0.4"])
    assert [(event.kind, event.release, event.previous, event.adjacent) for event in core.events] == [
        ("fixed", "1.0.2", "1.0.1", True),
        ("broken again", "1.0.4", "1.0.2", False),
        ("fixed", "1.0.5", "1.0.4", True),
    ]
    assert core.not_judged["unsupported"] == ["1.0.0"]
    assert core.not_judged["not measured"][-1] == "1.0.6 to 1.0.9"


def test_the_best_target_is_a_newest_release_without_the_failure() -> None:
    """Of two forks that pass, the first one is best; the client of the thread fails and is named next."""
    answer = answered()
    assert answer.best is not None
    assert answer.same_client is not None
    assert (answer.best.target, answer.best.fails) == ("httpx2==2.16.2", [])
    assert (answer.same_client.target, answer.same_client.fails) == ("httpx==0.28.1", ["gather-over-limit"])
    assert answer.best.not_judged == ["queue-timeout"]


def test_an_older_release_stands_in_only_where_no_newest_one_is_judged() -> None:
    answer = fixed_answer(THREAD, by_release([stack("httpx==0.27.0", PASS)]))
    assert answer.best is not None
    assert (answer.best.target, answer.best.newest) == ("httpx==0.27.0", False)
    assert "best today is httpx==0.27.0: it passes; not judged: queue-timeout; no newer" in " ".join(
        to_text(answer).split()
    )


def test_a_stale_pass_is_not_a_pass() -> None:
    stale = msgspec.structs.replace(PASS, state=State(freshness=Freshness.STALE, why="another server"))
    answer = fixed_answer(THREAD, by_release([stack("httpx==0.28.1", stale), stack("httpx==0.28.0", FAIL)]))
    history = line_of(answer, "httpx")
    assert (history.status, history.last, history.stale) == (Status.FAIL, "0.28.0", 1)
    assert answer.best is not None
    assert (answer.best.target, answer.best.passes) == ("httpx==0.28.0", [])
    assert to_text(answer).startswith("encode/httpcore#7: no newest release is without it; httpx==0.28.0: it fails;")


def test_changes_that_may_be_chance_are_marked() -> None:
    found = [stack("httpx==0.27.0", PASS), stack("httpx==0.27.1", FLAKY), stack("httpx==0.27.2", PASS)]
    text = to_text(fixed_answer(THREAD, by_release(found)))
    assert "(in doubt: 0.27.1)" in text
    assert "`?`" not in text
    assert "`?`: chance" in to_text(fixed_answer(THREAD, by_release(found[:2])))


def test_several_releases_on_each_side_decide_what_two_cells_leave_open() -> None:
    """Three releases that fail in some runs, then three that pass: each was measured by itself."""
    often = msgspec.structs.replace(
        FAIL, status=Status.FLAKY, rate=rate_of(5, 6), keys={"completes/leaks": 5, "completes/serves": 1}, repeats=6
    )
    never = msgspec.structs.replace(PASS, keys={"completes/serves": 6}, repeats=6)
    versions = ["1.0.3", "1.0.4", "1.0.5", "1.0.6", "1.0.7", "1.0.8"]
    entries = [often] * 3 + [never] * 3
    found = [stack(f"httpcore=={version}", each) for version, each in zip(versions, entries, strict=True)]
    (event,) = line_of(fixed_answer(THREAD, by_release(found)), "httpcore").events
    assert (event.release, event.kind, event.doubt) == ("1.0.6", "fixed", [])
    (event,) = line_of(fixed_answer(THREAD, by_release(found[2:])), "httpcore").events
    assert event.doubt, "one release before it is not enough"
    seldom = msgspec.structs.replace(often, rate=rate_of(1, 6), keys={"completes/leaks": 1, "completes/serves": 5})
    mixed = [stack(f"httpcore=={version}", seldom) for version in versions[:3]] + found[3:]
    (event,) = line_of(fixed_answer(THREAD, by_release(mixed)), "httpcore").events
    assert event.doubt, "3 of 18 runs and none of 18 may be chance"


def test_nothing_stored_is_reported_as_such() -> None:
    assert to_text(fixed_answer(THREAD, by_release([]))).startswith(
        "encode/httpcore#7: nothing is stored about what it describes."
    )


def test_one_screen_is_enough_for_every_known_thread() -> None:
    """At most 24 lines at 80 columns, and every failure is named."""
    known = by_release(Ledger(SHIPPED).stacks)
    for thread in known_threads().values():
        answer = fixed_answer(thread, known)
        lines = to_text(answer).splitlines()
        assert len(lines) <= 24, thread.name
        assert max(map(len, lines)) <= 80, thread.name
        named = " ".join("\n".join(lines).split())
        assert all(failure.scenario in named for failure in answer.failures), thread.name


def test_the_founding_thread_is_answered_from_the_shipped_verdicts(poolgate: Poolgate) -> None:
    code, out, err = poolgate("fixed", "httpx-1171", "--format", "json")
    assert (code, err) == (0, "")
    answer = json.loads(out)
    assert (answer["thread"], answer["url"]) == ("encode/httpx#1171", "https://github.com/encode/httpx/issues/1171")
    (gather,) = [failure for failure in answer["failures"] if failure["scenario"] == "gather-over-limit"]
    lines = {line["line"]: line for line in gather["lines"]}
    assert (lines["httpx"]["fixed_in"], lines["httpcore"]["fixed_in"]) == ("0.21.0", "0.14.0")
    assert poolgate("fixed", "https://github.com/encode/httpx/issues/1171", "--all")[0] == 0


def test_a_claim_about_what_a_release_offers_names_those_without_it(poolgate: Poolgate) -> None:
    _, out, _ = poolgate("fixed", "httpx#1398")
    assert "httpx does not offer it in 0.16.1, and does in 0.17.0" in " ".join(out.split())


@pytest.mark.parametrize(
    ("word", "code", "expected"),
    [
        ("httpx#5", 4, "poolgate: no scenario or claim is about httpx#5; of httpx it knows #230,"),
        ("httpx==0.28.1", 2, "poolgate: 'httpx==0.28.1' is not a thread; write encode/httpx#1171"),
    ],
)
def test_an_unknown_thread_is_one_line(poolgate: Poolgate, word: str, code: int, expected: str) -> None:
    found, out, err = poolgate("fixed", word)
    assert (found, out, len(err.splitlines())) == (code, "", 1)
    assert err.startswith(expected)


def test_a_thread_that_cannot_be_tested_says_why(poolgate: Poolgate) -> None:
    code, out, _ = poolgate("fixed", "httpcore-201")
    assert code == 3
    assert out.startswith("encode/httpcore#201: poolgate has no scenario that shows what it describes.\n")
    assert "not-testable: the fix is about an AttributeError" in " ".join(out.split())


def test_the_names_of_threads_lead_to_the_same_answer() -> None:
    assert find_thread("1171").name == find_thread("report-httpx-1171-2023").name

"""Threads: every way to write one names it, and what nothing refers to is one line with what is known."""

from __future__ import annotations

import dataclasses

import pytest
from hypothesis import given
from hypothesis import strategies as st

from poolgate.answers.claims.claim import shipped_claims
from poolgate.answers.claims.threads import find_thread, is_thread, known_threads, subjects_of
from poolgate.errors import NothingSelectedError, PoolgateError, UsageError


@pytest.mark.parametrize(
    "word",
    [
        "encode/httpx#1171",
        "Encode/HTTPX#1171",
        "https://github.com/encode/httpx/issues/1171",
        "https://github.com/encode/httpx/issues/1171#issuecomment-1",
        "https://www.github.com/encode/httpx/pull/1171/files",
        "github.com/encode/httpx/discussions/1171",
        "encode/httpx/issues/1171",
        "httpx-1171",
        "httpx#1171",
        "httpx 1171",
        "httpx #1171",
        "#1171",
        "GH-1171",
        "1171",
        " 1171 ",
        "report-httpx-1171",
    ],
)
def test_a_thread_has_many_names(word: str) -> None:
    thread = find_thread(word)
    assert (thread.name, thread.package) == ("encode/httpx#1171", "httpx")
    assert {"gather-over-limit", "cancel-task-group"} <= {scenario.id for scenario in thread.scenarios}
    assert "report-httpx-1171" in {claim.id for claim in thread.claims}


@pytest.mark.parametrize("word", ["", "httpx", "httpx==0.28.1", "#", "https://example.org/encode/httpx/issues/1171"])
def test_what_is_not_a_thread_is_a_usage_error(word: str) -> None:
    assert not is_thread(word)
    with pytest.raises(UsageError, match=r"is not a thread; write encode/httpx#1171, its URL, httpx-1171, or"):
        find_thread(word)


@pytest.mark.parametrize(
    "word", ["GHSA-h8pj-cxx2-jfg2", "https://x.org/advisories/ghsa-h8pj-cxx2-jfg2", "CVE-2021-41945"]
)
def test_an_advisory_is_not_taken_for_a_number(word: str) -> None:
    assert is_thread(word)
    with pytest.raises(UsageError, match="is an advisory, not a thread; save its page"):
        find_thread(word)


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("httpx#4", r"no scenario or claim is about httpx#4; of httpx it knows #230, .*#1171"),
        (
            "encode/starlette#1",
            r"it knows .*\d+ of encode/httpcore, \d+ of encode/httpx, .*\d+ of pydantic/httpx2.*; `",
        ),
        ("someone/httpx#1171", r"no scenario or claim is about someone/httpx#1171"),
    ],
)
def test_an_unknown_thread_is_answered_with_what_is_known(word: str, expected: str) -> None:
    with pytest.raises(NothingSelectedError, match=expected) as found:
        find_thread(word)
    assert "`poolgate verify FILE` checks a saved page" in str(found.value)


def test_a_number_of_several_threads_lists_them(monkeypatch: pytest.MonkeyPatch) -> None:
    known = dict(known_threads())
    other = dataclasses.replace(known["encode/httpx#1171"], name="a/b#1171")
    monkeypatch.setattr("poolgate.answers.claims.threads.known_threads", lambda: {**known, other.name: other})
    with pytest.raises(UsageError, match=r"1171 fits encode/httpx#1171, a/b#1171; name one of them"):
        find_thread("1171")


@given(st.text(max_size=40))
def test_any_word_is_a_thread_or_one_line(word: str) -> None:
    try:
        line = find_thread(word).name
    except PoolgateError as error:
        line = str(error)
    assert len(line.splitlines()) == 1


def test_the_variant_of_a_claim_replaces_the_default_of_its_scenario() -> None:
    """The keep-alive expiry as a limit is one variant: the default one is about something else."""
    (subject,) = subjects_of([find_thread("httpx-1398")])
    assert (subject.name, subject.axis, subject.claims) == ("keepalive-expiry[by=limits]", "offered", ("httpx-1398",))
    names = [subject.name for subject in subjects_of([find_thread("1171")])]
    assert names[:3] == ["cancel-task-group", "cancel-task-group[style=native]", "gather-over-limit"]


def test_every_reference_of_a_claim_is_a_known_thread() -> None:
    """What a page claims about a thread is not a claim of the thread."""
    for claim in shipped_claims():
        for reference in claim.references:
            name = reference.removeprefix("advisory on ").replace(" discussion ", "").partition(" (")[0]
            of_page = reference.startswith("advisory on ")
            assert (claim.id in {other.id for other in find_thread(name).claims}) is not of_page, reference

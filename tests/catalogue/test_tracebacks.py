"""The frames of tracebacks of real releases along all lines: the index leaves few releases, the right ones."""

from __future__ import annotations

import time

import pytest
from conftest import DATA

from poolgate.catalogue.line_index import releases_of
from poolgate.catalogue.packages import LINES, PACKAGES
from poolgate.maintenance.raising import KINDS
from poolgate.maintenance.tracebacks import Recorded, counts, frames_in, main, read

PATH = DATA / "tracebacks.jsonl"
TRACEBACKS = read(PATH)

PRINTED = """\
Traceback (most recent call last):
  File "/app/main.py", line 3, in main
    client.get(url)
  File "/venv/lib/python3.11/site-packages/httpx/_client.py", line 914, in send
    response = self._send_handling_auth(
               ^^^^^^^^^^^^^^^^^^^^^^^^^
  File "/venv/lib/python3.11/site-packages/httpcore/_sync/http11.py", line 136, in handle_request
  File "/venv/lib/python3.11/site-packages/anyio/_core/_tasks.py", line 12, in fail_after
    yield
"""


def name(one: Recorded) -> str:
    return "-".join(f"{package}{version}" for package, version in one.packages.items())


def test_the_tracebacks_are_of_all_lines_and_kinds() -> None:
    assert len(TRACEBACKS) >= 100
    assert {package for one in TRACEBACKS for package in one.packages} == set(PACKAGES) >= set(LINES)
    assert {one.kind for one in TRACEBACKS} == set(KINDS)
    assert {one.use for one in TRACEBACKS} == {"async", "sync"}


@pytest.mark.parametrize("one", TRACEBACKS, ids=name)
def test_the_releases_that_raised_a_traceback_are_among_those_that_it_leaves(one: Recorded) -> None:
    left = releases_of(one.frames)
    assert left.keys() == {frame.package for frame in one.frames}
    for package, releases in left.items():
        assert one.packages[package] in releases
        assert one.packages[package] in releases_of(frame._replace(text="") for frame in one.frames)[package]


def test_most_tracebacks_leave_at_most_three_releases(capsys: pytest.CaptureFixture[str]) -> None:
    found = counts(TRACEBACKS, texts=True)
    assert found["wrong"] == 0
    assert found["one"] >= 0.25 * len(TRACEBACKS)
    assert found["one"] + found["at most three"] >= 0.75 * len(TRACEBACKS)
    assert main(["--report", str(PATH)]) == 0
    assert capsys.readouterr().out.startswith(f"{len(TRACEBACKS)} tracebacks; releases left: {found}\n")


def test_a_patched_line_does_not_change_the_answer() -> None:
    """The innermost frame of each traceback is at another line, as in a patched file."""
    for one in TRACEBACKS[::10]:
        *others, last = one.frames
        patched = last._replace(line=last.line + 7_000)
        if {frame.package for frame in others} == {frame.package for frame in one.frames}:
            left = releases_of([*others, patched])
            assert all(one.packages[package] in releases for package, releases in left.items())


def test_a_look_up_takes_less_than_50_ms() -> None:
    releases_of(TRACEBACKS[0].frames)
    started = time.process_time()
    for one in TRACEBACKS:
        releases_of(one.frames)
    assert (time.process_time() - started) / len(TRACEBACKS) < 0.05


def test_frames_of_a_printed_traceback() -> None:
    found = frames_in(PRINTED)
    assert [tuple(frame) for frame in found] == [
        ("httpx", "_client.py", "send", 914, "response = self._send_handling_auth("),
        ("httpcore", "_sync/http11.py", "handle_request", 136, ""),
    ]

"""The index of lines: which releases the frames of a traceback leave."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from poolgate.catalogue import line_index
from poolgate.catalogue.line_index import Frame, load_index, mark_of, positions_in, ranges_of, releases_of
from poolgate.catalogue.packages import PACKAGES
from poolgate.catalogue.releases import load

POOL = "_async/connection_pool.py"


def pool_frame(release: str, package: str = "httpcore", text: str = "") -> Frame:
    """Return a frame of a release at the first line of the body of `handle_async_request`."""
    index = load_index()
    position = index.releases[package].index(release)
    for code in index.functions[package][POOL]["handle_async_request"]:
        for start, ranges in code.starts.items():
            if position in positions_in(ranges):
                return Frame(package, POOL, "handle_async_request", start, text)
    raise AssertionError(release)


def test_the_index_has_every_release_of_the_catalogue() -> None:
    """A newer catalogue needs `make line-index`."""
    index = load_index()
    assert index.cutoff == load().cutoff
    assert index.releases == {
        package: [release.version for release in load().releases(package)] for package in PACKAGES
    }
    assert line_index.PACKAGED.stat().st_size < 300_000


def test_each_release_is_among_those_that_its_own_frame_leaves() -> None:
    for release in ("0.14.0", "0.17.3", "1.0.2", "1.0.9"):
        assert release in releases_of([pool_frame(release)])["httpcore"]


def test_the_text_of_a_line_narrows() -> None:
    without = releases_of([pool_frame("1.0.2")])["httpcore"]
    other = releases_of(
        [pool_frame("1.0.2", text="async def handle_async_request(self, request: Request) -> Response:")]
    )
    assert set(other["httpcore"]) <= set(without)


def test_a_patched_frame_leaves_the_answer_of_the_others() -> None:
    right = pool_frame("1.0.2")
    patched = Frame("httpcore", POOL, "handle_async_request", 99_999, "raise PoolTimeout()")
    assert releases_of([right, patched]) == releases_of([right])
    assert releases_of([right, Frame("httpcore", POOL, "of_the_patch", 12), patched]) == releases_of([right])


def test_frames_of_other_packages_and_no_frames_leave_nothing() -> None:
    assert releases_of([]) == {}
    assert releases_of([Frame("anyio", "_core/_tasks.py", "fail_after", 10)]) == {}


def test_the_requirement_of_the_client_narrows_its_pool() -> None:
    """The pool of httpx2 is released in lockstep and changes seldom."""
    pool = pool_frame("2.9.0", "httpcore2")
    index = load_index()
    alone = releases_of([pool])["httpcore2"]
    codes = index.functions["httpx2"]["_client.py"]["_send_single_request"]
    position = index.releases["httpx2"].index("2.9.0")
    (line,) = {start for code in codes[:1] for start, ranges in code.starts.items() if position in positions_in(ranges)}
    both = releases_of([pool, Frame("httpx2", "_client.py", "_send_single_request", line)])
    assert "2.9.0" in both["httpx2"]
    assert set(both["httpcore2"]) <= set(alone)
    assert both["httpx2"] == both["httpcore2"]


@given(st.sets(st.integers(0, 80), min_size=1))
def test_ranges_keep_their_positions(positions: set[int]) -> None:
    assert set(positions_in(ranges_of(sorted(positions)))) == positions


@pytest.mark.parametrize("text", ["await self.acquire( timeout )", "\tawait  self.acquire(timeout)  "])
def test_a_mark_does_not_depend_on_white_space(text: str) -> None:
    assert mark_of(text) == mark_of("await self.acquire(timeout)")


def test_a_look_up_is_fast() -> None:
    load_index.cache_clear()
    started = time.process_time()
    releases_of([pool_frame("1.0.2")])
    assert time.process_time() - started < 0.25
    started = time.process_time()
    releases_of([pool_frame("1.0.2")])
    assert time.process_time() - started < 0.05

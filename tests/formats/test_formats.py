"""Every format has a golden file, so that a change of what is pasted or parsed is made on purpose."""

from __future__ import annotations

import re

import msgspec
import pytest
from support.golden_files import golden

from poolgate.answers.run import RunAnswer
from poolgate.formats.format import Format
from poolgate.formats.run import WRITERS, render
from poolgate.verdict.judgement import Point, Slots
from poolgate.verdict.outcome import CellResult
from poolgate.verdict.rate import rate_of
from poolgate.verdict.words import After, Burst, Status

PASSING = CellResult(
    scenario="gather-over-limit",
    variant={},
    status=Status.PASS,
    burst=Burst.COMPLETES,
    after=After.SERVES,
    key="completes/serves",
    keys={"completes/serves": 1},
    slots=Slots(3, 3, 3),
    outcomes={"ok": 12},
    expected={"ok": 12},
    notes=("served out of order",),
    repeats=1,
    target="httpx==0.28.1",
    line="httpx",
    release="0.28.1",
    packages={"httpcore": "1.0.9", "httpx": "0.28.1"},
    python="3.11.7",
    seconds=1.25,
    cached=False,
    replay="poolgate run gather-over-limit --target httpx==0.28.1 --again",
)
FLAKY = msgspec.structs.replace(
    PASSING,
    variant={"ending": "close"},
    status=Status.FLAKY,
    burst=Burst.POOL_TIMEOUT,
    after=After.LEAKS,
    key="pool-timeout/leaks/PoolTimeout",
    keys={"completes/serves": 17, "pool-timeout/leaks/PoolTimeout": 7},
    rate=rate_of(7, 24),
    slots=Slots(3, 2, 2),
    outcomes={"ok": 10, "pool-timeout": 2},
    notes=("raised in httpcore._async.connection_pool:handle_async_request",),
    repeats=24,
)
UNINSTALLABLE = CellResult(
    scenario="gather-over-limit",
    variant={},
    status=Status.UNINSTALLABLE,
    # Messages of uv and of old packages reach the formats unchanged: nothing in them may become markup.
    reason="no solution: [bold]httpx<0.1[/bold] | `rm -rf` <script>alert(1)</script>",
    target="httpx==0.28.1@3.6",
    line="httpx",
    release="0.28.1",
    packages={},
    python=None,
    seconds=0.0,
    cached=False,
    replay="poolgate run gather-over-limit --target httpx==0.28.1@3.6 --again",
)
VIEW = "[<AsyncHTTPConnection [CONNECTING]>]"
SWEPT = msgspec.structs.replace(
    PASSING,
    scenario="cancel-sweep",
    replay="poolgate run cancel-sweep --target httpx2==2.16.2 --again",
    status=Status.FAIL,
    after=After.DEAD,
    key="completes/dead",
    points=[
        Point(style="native", situation="cold", backend="asyncio", site="httpcore:connect", step=4, lost=1, pool=VIEW)
    ],
    covered=41,
    target="httpx2==2.16.2",
    line="httpx2",
    release="2.16.2",
)
ANSWER = RunAnswer(cells=[PASSING, FLAKY, UNINSTALLABLE, SWEPT])


@pytest.mark.parametrize("wanted", WRITERS.formats)
def test_the_answer_is_written_as_in_the_golden_files(wanted: Format) -> None:
    assert render(ANSWER, wanted) == golden("run", wanted)


def test_json_can_be_read_back() -> None:
    assert msgspec.json.decode(render(ANSWER, Format.JSON), type=RunAnswer) == ANSWER


def test_a_grid_reads_without_colour() -> None:
    """No escape sequence, and a failing cell differs from a passing one by more than colour."""
    text = render(ANSWER, Format.TEXT)
    assert "\x1b" not in text
    assert "FLAKY raises undue PoolTimeout and loses slots (7 of 24)" in text
    assert re.search(r"\| pass +\|", text), "no key follows"


@pytest.mark.parametrize("wanted", [Format.TEXT, Format.MARKDOWN, Format.JUNIT, Format.HTML, Format.GITHUB])
def test_a_foreign_pool_is_named_with_its_target(wanted: Format) -> None:
    """A user's own client may have its pool from another package, and a result of it differs from one of httpcore."""
    cell = msgspec.structs.replace(FLAKY, over="httpx 0.28.1 over aiohttp 3.14.5")
    assert "httpx==0.28.1 (httpx 0.28.1 over aiohttp 3.14.5)" in render(RunAnswer(cells=[cell]), wanted)


def test_an_empty_answer_is_a_grid_without_rows() -> None:
    assert render(RunAnswer(cells=[]), Format.MARKDOWN) == "| target | Python |\n| --- | --- |"

"""A history should come back from a file as it went in, be refused with its reason where it is none, and be read for
ever: the golden file is one of version 1, and its judgement stays.
"""

from __future__ import annotations

import itertools
import re
from pathlib import Path
from typing import Any

import pytest
from conftest import DATA
from hypothesis import given
from hypothesis import strategies as st

from poolgate.errors import Exit
from poolgate.protocol.history import MAX_RECORD, History, HistoryError, Record, check, decode_record, dump, load, merge
from poolgate.verdict.judge import judge
from poolgate.verdict.judgement import Judgement, Slots
from poolgate.verdict.words import After, Burst, Status

GOLDEN = DATA / "golden" / "history-v1.jsonl"
LINE = b'{"seq": 3, "t": 7, "source": "worker", "kind": "started", "request": "a", "data": {"phase": "burst"}}'
HEAD = b'{"schema":"poolgate/history","version":1}\n'


def record(t: int = 0, seq: int = 0, **fields: Any) -> Record:
    return Record(**{"seq": seq, "t": t, "source": "worker", "kind": "done", **fields})


def test_a_record_is_read() -> None:
    assert decode_record(LINE) == record(7, 3, kind="started", request="a", data={"phase": "burst"})


def test_what_is_not_said_has_a_default_and_what_is_not_known_is_left_out() -> None:
    assert decode_record(b'{"seq":0,"t":1,"source":"server","kind":"x","more":1}') == record(
        1, source="server", kind="x"
    )


def with_data(data: bytes) -> bytes:
    return LINE.replace(b'{"phase": "burst"}', data)


@pytest.mark.parametrize(
    ("line", "why"),
    [
        (b"", "truncated"),
        (b"a client's print", "malformed"),
        (b"[]", "Expected `object`, got `array`"),
        (b"{}", "missing required field `seq`"),
        (LINE.replace(b"3", b'"3"'), r"Expected `int`, got `str` - at `\$.seq`"),
        (LINE.replace(b"7", b"7.5"), r"Expected `int`, got `float` - at `\$.t`"),
        (LINE.replace(b"worker", b"another"), "Invalid enum value 'another'"),
        (LINE.replace(b'"a"', b"1"), r"Expected `str \| null`, got `int` - at `\$.request`"),
        (with_data(b"[]"), r"Expected `object`, got `array` - at `\$.data`"),
        (with_data(b'{"x": NaN}'), "malformed"),
        (with_data(b'{"x": 1e999}'), "out of range"),
        (with_data(b'{"x": "\xff"}'), "can't decode byte"),
        (with_data(b'{"x": "\\ud800"}'), "truncated"),
        (with_data(b'{"x": ' + b"[" * 20_000 + b"]" * 20_000 + b"}"), "recursion"),
        (LINE[:-1], "truncated"),
        (LINE + LINE, "trailing"),
    ],
)
def test_what_is_not_a_record(line: bytes, why: str) -> None:
    with pytest.raises(HistoryError, match=f"^a history record can't be read: .*{why}"):
        decode_record(line)


def test_a_record_has_a_bound() -> None:
    most = LINE + b" " * (MAX_RECORD - len(LINE))
    assert decode_record(most) == decode_record(LINE)
    with pytest.raises(HistoryError, match=r"^a history record has 65537 bytes, 65536 are allowed$"):
        decode_record(most + b" ")


def test_records_stand_in_the_order_of_time_then_source_then_sequence() -> None:
    ordered = [
        record(1, 1),
        record(2, 0, source="harness"),
        record(2, 0, source="server"),
        record(2, 0, source="worker"),
        record(2, 2, source="worker"),
        record(3, 0, source="harness"),
    ]
    for shuffled in itertools.permutations(ordered):
        assert merge(shuffled) == History(tuple(ordered))


def test_records_are_found_by_kind_source_and_phase() -> None:
    recorded = merge(
        [
            record(1, 0, kind="ended", data={"phase": "burst"}),
            record(2, 1, kind="ended", data={"phase": "first"}),
            record(3, 0, kind="stalled", source="server"),
            record(4, 2, kind="stalled"),
        ]
    )
    assert [found.t for found in recorded.of("ended", "stalled")] == [1, 2, 3, 4]
    assert [found.t for found in recorded.of("stalled", source="worker")] == [4]
    assert [found.t for found in recorded.of("ended", phase="first")] == [2]
    assert recorded.first("ended") == recorded.records[0]
    assert recorded.first("stalled", phase="burst") is None


TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=10)
RECORDS = st.lists(
    st.builds(
        Record,
        seq=st.integers(),
        t=st.integers(),
        source=st.sampled_from(["harness", "server", "worker"]),
        kind=TEXT,
        request=st.none() | TEXT,
        data=st.dictionaries(TEXT, st.integers() | TEXT | st.booleans() | st.none() | st.lists(TEXT, max_size=2)),
    ),
    max_size=8,
)


@given(RECORDS)
def test_a_history_comes_back_as_it_went(tmp_path_factory: pytest.TempPathFactory, records: list[Record]) -> None:
    path = tmp_path_factory.getbasetemp() / "there-and-back.jsonl"
    recorded = merge(records)
    path.write_bytes(dump(recorded))
    assert load(path) == recorded


NOT_A_HISTORY = "is not a history: its first line does not name a schema"


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", NOT_A_HISTORY),
        (b"\n", NOT_A_HISTORY),
        (b"pool is full\n", NOT_A_HISTORY),
        (b"\xff\xfe\n", NOT_A_HISTORY),
        (b'{"a":' * 20_000 + b"\n", NOT_A_HISTORY),
        (b"[]\n", NOT_A_HISTORY),
        (LINE + b"\n", "is not a history of version 1: "),
        (b'{"schema":"poolgate/history","version":2}\n', "is not a history of version 1: .*'version': 2"),
        (b'{"schema":"poolgate/plan","version":1}\n', "is not a history of version 1: .*poolgate/plan"),
    ],
)
def test_a_file_that_is_not_a_history(tmp_path: Path, content: bytes, why: str) -> None:
    path = tmp_path / "history.jsonl"
    path.write_bytes(content)
    with pytest.raises(HistoryError, match=f"^{re.escape(str(path))} {why}") as caught:
        load(path)
    assert caught.value.exit_code is Exit.USAGE


def test_a_file_with_a_broken_record(tmp_path: Path) -> None:
    path = tmp_path / "history.jsonl"
    path.write_bytes(HEAD + LINE + b"\n" + LINE[:40])
    with pytest.raises(HistoryError, match=r"^a history record can't be read: Input data was truncated$"):
        load(path)


def test_a_file_that_cannot_be_opened(tmp_path: Path) -> None:
    with pytest.raises(HistoryError, match=f"^{re.escape(str(tmp_path / 'none'))}: No such file or directory$"):
        load(tmp_path / "none")
    with pytest.raises(HistoryError, match=f"^{re.escape(str(tmp_path))}: Is a directory$"):
        load(tmp_path)


def test_a_history_without_records_is_one(tmp_path: Path) -> None:
    path = tmp_path / "history.jsonl"
    path.write_bytes(HEAD)
    assert load(path) == History(())


def test_the_golden_history_is_read_and_written_as_ever() -> None:
    recorded = load(GOLDEN)
    check(recorded)
    assert dump(recorded) == GOLDEN.read_bytes()
    assert {found.kind for found in recorded.records} == {
        *("plan", "sockets", "exited"),
        *("hello", "ready", "phase-start", "started", "ended", "stalled", "deadline", "phase-end", "done"),
        *("arrived", "departed", "opened"),
        "a-kind-of-tomorrow",
    }


def test_the_golden_history_is_judged_as_ever() -> None:
    """One slot, which comes back only by the last count: `b` has to give up, `c` is refused wrongly and `d` hangs."""
    assert judge(load(GOLDEN)) == Judgement(
        status=Status.FAIL,
        burst=Burst.HANGS,
        after=After.LATE,
        key="hangs/late",
        slots=Slots(limit=1, usable_first=0, usable_final=1),
        outcomes={"hangs": 1, "ok": 1, "pool-timeout": 2},
        expected={"ok": 3, "pool-timeout": 1},
        notes=(
            "a slot was free for more than half a unit while requests waited",
            "the client blocked its own event loop",
            "raised in httpcore._synchronization:wait",
        ),
    )

"""A history that can't have been is not judged, and none makes the judge raise."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.histories import Deed, Event, history_of, plan_for, run
from support.judged import CUTTING, GOOD, KINDS, SERVING, reason

from poolgate.protocol.history import History, Record, dump, load, merge
from poolgate.verdict.judge import judge
from poolgate.verdict.words import Status


def changed(which: str, of: str | None = None, **fields: Any) -> list[Event]:
    """A good run in which the first record of this kind and request has other fields."""
    recorded = run(SERVING)
    place = next(n for n, event in enumerate(recorded) if (event.kind, event.request) == (which, of))
    recorded[place] = recorded[place]._replace(**fields)
    return recorded


BURST = {"phase": "burst"}
LIES = [
    (changed("started", "a", request="z"), "the worker recorded requests that are not in the plan"),
    (changed("started", "a", request=None), "the worker recorded requests that are not in the plan"),
    (
        [*run(SERVING), Event(0.1, "worker", "started", "a", BURST)],
        "the worker recorded a request that started or ended twice, or ended before it started",
    ),
    (
        [*run(SERVING, {"d": Deed("hangs", 0.0)}), Event(9.8, "worker", "started", "d", BURST)],
        "the worker recorded a request that started or ended twice, or ended before it started",
    ),
    (
        changed("ended", "a", kind="started", data=BURST),
        "the worker recorded a request that started or ended twice, or ended before it started",
    ),
    (
        [*run(SERVING), Event(0.1, "worker", "ended", "a", {**BURST, "outcome": "ok"})],
        "the worker recorded a request that started or ended twice, or ended before it started",
    ),
    (
        changed("started", "a", at=1.05),
        "the worker recorded a request that started or ended twice, or ended before it started",
    ),
    (
        changed("arrived", "a", request="z"),
        "the worker recorded a served request that had not reached the server",
    ),
    (changed("arrived", "a", at=1.05), "the worker recorded a served request that had not reached the server"),
    (changed("ended", "a", kind="hello"), "the worker recorded that it is done, but not all of its plan was run"),
    (
        [event for event in run(SERVING) if event.request != "a"],
        "the worker recorded that it is done, but not all of its plan was run",
    ),
    (
        [event for event in run(SERVING) if event.data.get("phase") != "final"],
        "the worker recorded that it is done, but not all of its plan was run",
    ),
    (changed("phase-start", data={}), "record 1 of the worker, 'phase-start', can't be read: "),
    (changed("ended", "a", data={**BURST, "outcome": "fine"}), "record 6 of the worker, 'ended', can't be read: "),
    (changed("ended", "a", data={**BURST, "outcome": 7}), "record 6 of the worker, 'ended', can't be read: "),
    (
        changed("ended", "a", data={**BURST, "outcome": "error", "error": "a/b+<script>"}),
        "record 6 of the worker, 'ended', can't be read: ",
    ),
    (
        [*run(SERVING), Event(1.2, "worker", "stalled", None, {"late": "long", "gap": 1.0, "cpu": 0.0})],
        "record 8 of the worker, 'stalled', can't be read: ",
    ),
    (changed("arrived", "a", source="worker"), "record 3 of the worker: only the server may write 'arrived' records"),
    (changed("exited", source="worker"), "record 16 of the worker: only the harness may write 'exited' records"),
    ([event for event in run(SERVING) if event.kind != "plan"], "the history has no plan that can be judged: "),
]


@pytest.mark.parametrize(("recorded", "expected"), LIES)
def test_a_lie_is_not_judged(recorded: list[Event], expected: str) -> None:
    assert str(reason(recorded)).startswith(expected)


def renumbered(n: int, **fields: Any) -> History:
    records = list(history_of(run(SERVING)).records)
    records[n] = msgspec.structs.replace(records[n], **fields)
    return merge(records)


@pytest.mark.parametrize("fields", [{"t": -1}, {"seq": -1}, {"seq": 5}, {"seq": 99}, {"t": 10**30}])
def test_records_out_of_order_are_not_judged(fields: dict[str, int]) -> None:
    """`started` of the last request: a time that its neighbours don't allow, a number of another request or of none."""
    recorded = renumbered(6, **fields)
    assert judge(recorded).reason == "the worker's records are not complete and in the order of their times"


def test_a_worker_cannot_speak_for_the_server() -> None:
    """It may well claim to: the numbers of the two then don't fit together."""
    forged = Record(seq=0, t=0, source="server", kind="opened", data={"phase": "first", "together": 2})
    recorded = merge([*history_of(run(SERVING, first=[], final=[])).records, forged])
    assert judge(recorded).reason == "the server's records are not complete and in the order of their times"


@pytest.mark.parametrize(
    "fields",
    [{"load": {}}, {"load": {"requests": [{"id": "a"}]}}, {"unit": "short"}, {"version": 2}, {"load": None}],
)
def test_a_plan_that_cannot_be_judged(fields: dict[str, Any]) -> None:
    plan = {**msgspec.to_builtins(plan_for(SERVING)), **fields}
    assert str(reason(changed("plan", data=plan))).startswith("the history has no plan that can be judged: ")


def test_no_history_at_all() -> None:
    assert judge(History(())).status is Status.UNKNOWN


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=4,
)
WORDS = st.sampled_from(["phase", "outcome", "error", "site", "asked", "how", "together", "late", "gap", "cpu", "code"])


def fields_of(record: Record) -> dict[str, st.SearchStrategy[Any]]:
    """Values that may replace those of a record, by field."""
    return {
        "t": st.integers(-(10**12), 10**12),
        "seq": st.integers(-1, 30),
        "source": st.sampled_from(["worker", "server", "harness"]),
        "kind": st.sampled_from(KINDS),
        "request": st.none() | st.sampled_from("abcdz"),
        "data": st.builds(lambda word, value: {**record.data, word: value}, WORDS, JSON)
        | st.dictionaries(WORDS, JSON, max_size=3),
    }


@st.composite
def odd_histories(draw: st.DrawFn) -> History:
    """Good histories in which some records are missing, twice, another's, at another time or of another shape."""
    records = list(draw(st.sampled_from(GOOD)).records)
    for _ in range(draw(st.integers(1, 3))):
        n = draw(st.integers(0, len(records) - 1))
        other = fields_of(records[n])
        match draw(st.sampled_from([*other, "twice", "missing"])):
            case "twice":
                records.append(records[n])
            case "missing":
                del records[n]
            case field:
                records[n] = msgspec.structs.replace(records[n], **{field: draw(other[field])})
    return merge(records)


@given(odd_histories())
@settings(max_examples=500)
def test_an_odd_history_is_judged_or_refused_with_a_reason(recorded: History) -> None:
    """Never an exception, and never half a verdict."""
    judgement = judge(recorded)
    assert (judgement.key is None) == (judgement.reason is not None)
    assert (judgement.status in {Status.PASS, Status.FAIL}) == (judgement.key is not None)


@pytest.mark.parametrize("recorded", GOOD)
def test_judging_changes_nothing_and_is_repeatable(recorded: History, tmp_path: Path) -> None:
    before = dump(recorded)
    judgement = judge(recorded)
    assert judge(recorded) == judgement
    assert dump(recorded) == before
    path = tmp_path / "history.jsonl"
    path.write_bytes(before)
    assert judge(load(path)) == judgement


@pytest.mark.parametrize("recorded", [run(SERVING), run(CUTTING, {"c": Deed("hangs", 0.0)})])
def test_unknown_kinds_are_ignored(recorded: list[Event]) -> None:
    more = [Event(0.3, source, "weather", "a", {"phase": "burst"}) for source in ("worker", "server", "harness")]
    assert judge(history_of([*recorded, *more])) == judge(history_of(recorded))

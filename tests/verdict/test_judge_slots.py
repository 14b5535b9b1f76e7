"""The slots that are left after the load, and after idle connections have expired."""

from __future__ import annotations

import pytest
from support.histories import load_of
from support.judged import SERVING, verdict

from poolgate.scenarios.declaration.scenario import Request
from poolgate.verdict.judgement import Slots
from poolgate.verdict.words import After, Status


def test_streams_are_counted_where_the_door_reports_them() -> None:
    one = Request(id="a", hold=1.0, pool_timeout=3.5, door="h2?streams=2")
    load = load_of(2, one)._replace(http2=True)
    assert load.counted_at == ["h2?streams=2", "h2?streams=2", "h2#1?streams=2", "h2#1?streams=2"]
    judged = verdict(load, final=[0.05] * 3)
    assert (judged.key, judged.slots) == ("completes/leaks", Slots(4, 4, 3))


@pytest.mark.parametrize(
    ("first", "final", "after", "usable"),
    [
        ([0.1, 0.9], [0.1, 0.2], After.SERVES, (2, 2)),
        ([0.1, 0.9], [0.1, 3.9], After.SERVES, (2, 2)),
        # A slot that came back while it was counted was not there half a unit after the load.
        ([0.1, 1.1], [0.1, 0.2], After.LATE, (1, 2)),
        ([0.1, 4.5], [0.1, 0.2], After.LATE, (1, 2)),
        ([], [0.1, 0.2], After.LATE, (0, 2)),
        ([0.1], [0.1], After.LEAKS, (1, 1)),
        ([0.1, 0.1], [0.1], After.LEAKS, (2, 1)),
        ([0.1], [0.1, 4.5], After.LEAKS, (1, 1)),
        ([0.1, 0.1], [], After.DEAD, (2, 0)),
        ([], [], After.DEAD, (0, 0)),
    ],
)
def test_slots(first: list[float], final: list[float], after: After, usable: tuple[int, int]) -> None:
    judgement = verdict(SERVING, first=first, final=final)
    assert (judgement.after, judgement.key) == (after, f"completes/{after}")
    assert judgement.slots == Slots(2, *usable)
    assert judgement.status is (Status.PASS if after is After.SERVES else Status.FAIL)


LENDING = load_of(
    2, Request(id="lent", hold=1.0, pool_timeout=3.5, ending="drop"), Request(id="b", hold=1.0, pool_timeout=3.5)
)
ONE = [0.05]
BOTH = [0.05, 0.05]


@pytest.mark.parametrize(
    ("counted", "after", "notes"),
    [
        (ONE, After.SERVES, ()),
        (BOTH, After.SERVES, ("1 of 1 slots of responses that were never closed came back by themselves",)),
        ([], After.DEAD, ()),
    ],
)
def test_a_slot_that_was_never_given_back_is_not_lost(
    counted: list[float], after: After, notes: tuple[str, ...]
) -> None:
    found = verdict(LENDING, first=counted, final=counted)
    assert (found.after, found.notes) == (after, notes)

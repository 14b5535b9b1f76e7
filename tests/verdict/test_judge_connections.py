"""Connections beyond what a correct pool opens, or keeps."""

from __future__ import annotations

import pytest
from support.histories import Deed, history_of, load_of, run
from support.judged import reason, verdict

from poolgate.scenarios.declaration.scenario import Request
from poolgate.verdict.judge import judge
from poolgate.verdict.words import Status

# One after another: one connection carries both, and one may stay open.
FRUGAL = load_of(
    1, Request(id="a", hold=1.0, pool_timeout=3.0), Request(id="b", hold=1.0, pool_timeout=3.0, at=0.5, after="a")
)._replace(connections=1, kept=1)
ANEW = {
    "a": Deed("ok", 0.0, 0.0, 1.0, client="127.0.0.1:5001"),
    "b": Deed("ok", 1.5, 1.5, 2.5, client="127.0.0.1:5002"),
}


def test_connections_that_are_enough_pass() -> None:
    assert verdict(FRUGAL, open=1) == verdict(FRUGAL._replace(connections=None, kept=None), ANEW, open=2)
    assert verdict(FRUGAL._replace(connections=2), ANEW, open=1).key == "completes/serves"


def test_churns() -> None:
    judgement = verdict(FRUGAL, ANEW, open=1)
    assert (judgement.status, judgement.key) == (Status.FAIL, "churns/serves")
    assert judgement.notes == ("connections opened beyond what a correct pool needs: 1",)


def test_over_kept() -> None:
    judgement = verdict(FRUGAL, open=2)
    assert (judgement.status, judgement.key) == (Status.FAIL, "over-kept/serves")
    assert judgement.notes == ("connections left open beyond what the pool may keep: 1",)


TURNS = [(2.0, 2.0, 2.1, "after"), (2.0, 2.1, 2.1, None), (2.0, 2.0, 1.8, None), (1.5, 1.8, 1.7, "before")]


@pytest.mark.parametrize(("at", "came", "ended", "order"), TURNS)
def test_connections_are_not_counted_in_another_order(at: float, came: float, ended: float, order: str | None) -> None:
    """No delay reaches half a unit, but a request that starts before another ends finds no idle connection."""
    requests = (Request(id=name, hold=1.7, pool_timeout=3.0, at=begin) for name, begin in (("a", 0.0), ("b", at)))
    changes = {
        "a": Deed("ok", 0.0, 0.3, ended, client="127.0.0.1:5001"),
        "b": Deed("ok", came, came, came + 1.7, client="127.0.0.1:5002"),
    }
    judgement = judge(history_of(run(load_of(2, *requests)._replace(connections=1), changes)))
    assert (judgement.late, judgement.key) == ((True, None) if order else (False, "churns/serves"))
    if order:
        assert str(judgement.reason).startswith(
            f"small delays added up: a ended {order} b started, which is not the planned order"
        )


def test_sockets_that_could_not_be_counted_are_not_a_reason_to_pass() -> None:
    assert reason(run(FRUGAL, open=None)) == "the worker's sockets could not be counted"
    assert judge(history_of(run(FRUGAL, open=None))).late
    assert verdict(FRUGAL._replace(kept=None), open=None).key == "completes/serves"

"""PoolTimeout: honest back-pressure passes; one too many fails, and so does one that is missing."""

from __future__ import annotations

import pytest
from support.histories import Deed, load_of
from support.judged import CANCELLING, CUTTING, FAILING, SERVING, TIMED_OUT, key, verdict

from poolgate.verdict.words import Status


def test_a_slot_lost_to_a_cancellation_is_pool_timeout_where_a_correct_pool_serves() -> None:
    changes = {"c": Deed("pool-timeout", 2.0, None, 5.0, TIMED_OUT)}
    assert key(CANCELLING, changes, first=[], final=[]) == "pool-timeout/dead/PoolTimeout"


def test_pool_timeout_instead_of_a_cancellation_is_none_that_was_due() -> None:
    changes = {"b": Deed("pool-timeout", 0.0, None, 1.0, TIMED_OUT)}
    assert key(CANCELLING, changes) == "pool-timeout/serves/PoolTimeout"


def test_honest_back_pressure_passes() -> None:
    judgement = verdict(CUTTING)
    assert (judgement.status, judgement.key) == (Status.PASS, "back-pressure/serves/PoolTimeout")
    assert judgement.outcomes == judgement.expected == {"ok": 2, "pool-timeout": 1}


def test_pool_timeout_where_another_error_was_due_is_one_too_many() -> None:
    assert key(FAILING, {"a": Deed("pool-timeout", 0.0, None, 0.5, TIMED_OUT)}) == "pool-timeout/serves/PoolTimeout"


def test_pool_timeout_where_a_correct_pool_serves() -> None:
    changes = {"d": Deed("pool-timeout", 0.0, None, 3.5, TIMED_OUT)}
    assert key(SERVING, changes) == "pool-timeout/serves/PoolTimeout"


@pytest.mark.parametrize(
    ("ended", "expected"),
    [
        (0.9, "pool-timeout/serves/PoolTimeout"),
        (1.1, "back-pressure/serves/PoolTimeout"),
        (1.9, "back-pressure/serves/PoolTimeout"),
        (2.1, "missing-timeout/serves/PoolTimeout"),
    ],
)
def test_pool_timeout_is_due_within_half_a_unit(ended: float, expected: str) -> None:
    assert key(CUTTING, {"c": Deed("pool-timeout", 0.0, None, ended, TIMED_OUT)}) == expected


def test_a_wait_counts_from_its_own_start() -> None:
    a, b, c = CUTTING.requests
    load = load_of(1, a, b._replace(hold=2.0), c)
    assert key(load, {"c": Deed("pool-timeout", 0.6, None, 2.1, TIMED_OUT)}) == "back-pressure/serves/PoolTimeout"


def test_missing_timeout_where_it_is_served() -> None:
    assert key(CUTTING, {"c": Deed("ok", 0.0, 2.0, 3.0)}) == "missing-timeout/serves"

"""The rules of a cell should be all that it can reach, found from its declaration alone.

What ships is the proof for "all": no stored verdict may have a word whose rule its cell is said not to reach. The rest
shows for each condition of the declaration that it is the one which adds its rule.
"""

from __future__ import annotations

import time

import pytest
from support.histories import load_of

from poolgate.ledger.instruments import SHIPPED
from poolgate.ledger.store import Ledger
from poolgate.scenarios import declared
from poolgate.scenarios.declaration.scenario import Load, Request
from poolgate.verdict.rules import RULES, reached, rules_of
from poolgate.verdict.words import After, Burst

SERVED = [Request(id=name, hold=1.0, pool_timeout=3.5) for name in "ab"]
REFUSED = [*SERVED, Request(id="c", hold=1.0, pool_timeout=0.5)]
PLAIN = load_of(2, *SERVED)


def test_every_word_of_a_verdict_has_a_number() -> None:
    words = {word.value for axis in (Burst, After) for word in axis}
    assert words <= RULES.keys()
    assert all(number >= 1 for number in RULES.values())


def test_every_shipped_verdict_is_within_the_rules_of_its_cell() -> None:
    cells = [cell for stack in Ledger(SHIPPED).stacks for cell in stack.cells]
    judged = [(cell, key.split("/")[:2]) for cell in cells for key in cell.keys]
    assert len(judged) > 5000
    beyond = {
        (cell.scenario, tuple(cell.variant.items()), *words)
        for cell, words in judged
        if not set(words) <= rules_of(declared()[cell.scenario], cell.variant).keys()
    }
    assert beyond == set()


def test_thousands_of_cells_are_looked_up_within_a_second() -> None:
    cells = [cell for stack in Ledger(SHIPPED).stacks for cell in stack.cells]
    begun = time.process_time()
    for cell in cells:
        rules_of(declared()[cell.scenario], cell.variant)
    assert time.process_time() - begun < 1.0


def test_the_numbers_are_those_of_the_table_in_its_order() -> None:
    found = rules_of(declared()["gather-over-limit"], {})
    assert list(found) == [rule for rule in RULES if rule in found]
    assert all(RULES[rule] == number for rule, number in found.items())
    assert "churns" not in found


def test_a_default_may_be_left_out() -> None:
    assert rules_of(declared()["close-pool"], {"while": "active"}) == rules_of(declared()["close-pool"], {})
    with pytest.raises(ValueError, match="walking"):
        rules_of(declared()["close-pool"], {"while": "walking"})


@pytest.mark.parametrize(
    ("load", "rules"),
    [
        (PLAIN._replace(connections=2), {"churns"}),
        (PLAIN._replace(kept=0), {"over-kept"}),
        (PLAIN._replace(ladder=[10, 20]), {"super-linear"}),
    ],
)
def test_a_field_of_the_load_adds_its_rule(load: Load, rules: set[str]) -> None:
    assert reached(load, swept=False) == reached(PLAIN, swept=False) | rules


def test_back_pressure_a_missing_and_an_unfair_timeout_need_one_that_is_due() -> None:
    due, none = (reached(load_of(2, *requests), swept=False) for requests in (REFUSED, SERVED))
    assert due - none == {"back-pressure", "missing-timeout", "unfair"}
    assert none - due == {"completes"}


def test_a_request_that_runs_against_its_own_deadlines_is_due_no_timeout() -> None:
    raced = [request._replace(raced=True) for request in REFUSED]
    assert {"back-pressure", "missing-timeout", "pool-timeout"} & reached(load_of(2, *raced), swept=False) == set()


def test_a_burst_may_be_refused_with_requests_that_may_not() -> None:
    raced = load_of(2, *[request._replace(raced=True) for request in SERVED])
    assert "pool-timeout" not in reached(raced, swept=False)
    assert "pool-timeout" in reached(raced._replace(ladder=[10, 20]), swept=False)


def test_one_slot_is_not_lost_in_part() -> None:
    assert reached(load_of(2, *SERVED), swept=False) - reached(load_of(1, *SERVED), swept=False) == {"leaks"}


def test_a_sweep_has_its_own_rules() -> None:
    swept = rules_of(declared()["cancel-sweep"], {"backend": "trio"})
    assert "sweep" in swept
    assert not {"lateness", "evidence", "crashes", "dead", "over-limit"} & swept.keys()
    assert "sweep" not in rules_of(declared()["gather-over-limit"], {})

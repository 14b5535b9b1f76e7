"""Leave-one-out over the shipped verdicts: what it found is what ships, and a disagreement is one."""

from __future__ import annotations

import msgspec
import pytest
from support.answers import cell

from poolgate.answers.inference import exceptions
from poolgate.answers.inference.exceptions import NotInferred
from poolgate.answers.inference.infer import Basis
from poolgate.ledger.instruments import SHIPPED
from poolgate.ledger.stack import Entry, Stack
from poolgate.ledger.store import Ledger
from poolgate.maintenance.inference import PAGE, Agreement, agreement, exceptions_of, page, trials

COMPLETES, LEAKS, DEAD = "completes/serves", "completes/leaks", "pool-timeout/dead/PoolTimeout"


def entry(**keys: int) -> Entry:
    """Return a cell whose runs ended so often as `ok`, `leaks` and `dead`."""
    counted = {{"ok": COMPLETES, "leaks": LEAKS, "dead": DEAD}[name]: runs for name, runs in keys.items()}
    runs, passed = sum(keys.values()), keys.get("ok", 0)
    status = "pass" if passed == runs else "flaky" if passed or len(keys) > 1 else "fail"
    outcome = cell(status=status, failed=runs - passed, runs=runs)
    outcome = msgspec.structs.replace(outcome, keys=counted, key=list(counted)[-1])
    return Entry(**outcome.fields(), instrument="x", python="3.11.7")


@pytest.mark.parametrize(
    ("one", "other", "result"),
    [
        (entry(ok=5), entry(ok=3), Agreement.SAME),
        (entry(leaks=5), entry(leaks=5), Agreement.SAME),
        (entry(leaks=5), entry(dead=5), Agreement.DISAGREES),
        (entry(ok=5), entry(dead=5), Agreement.DISAGREES),
        (entry(ok=10, leaks=1), entry(ok=7, leaks=16), Agreement.SAME),
        (entry(ok=10, leaks=1), entry(dead=3), Agreement.SAME),
        (entry(ok=3), entry(ok=10, leaks=5), Agreement.UNDECIDED),
        (entry(ok=24), entry(ok=2, leaks=22), Agreement.DISAGREES),
    ],
)
def test_certain_cells_agree_by_key_and_cells_of_chance_by_class(one: Entry, other: Entry, result: Agreement) -> None:
    assert agreement(one, other) is agreement(other, one) is result


def test_a_disagreement_makes_its_scenario_an_exception_of_its_basis() -> None:
    stacks = [
        Stack(python="3.11", packages={"httpx": version, "httpcore": "1.0.9"}, releases=[], cells=[one])
        for version, one in (("0.27.0", entry(ok=5)), ("0.28.1", entry(dead=5)), ("0.28.0", entry(dead=5)))
    ]
    made = list(trials(stacks))
    assert [(trial.basis, trial.agreement) for trial in made] == [
        (Basis.NEAREST_CLIENT, Agreement.DISAGREES),
        (Basis.SAME_CODE, Agreement.SAME),
        (Basis.SAME_CODE, Agreement.SAME),
    ]
    assert exceptions_of(made).scenarios == {
        Basis.SAME_CODE: [],
        Basis.NEAREST_CLIENT: ["gather-over-limit"],
        Basis.NEAREST_RELEASE: [],
    }
    assert "| `gather-over-limit` | httpx 0.27.0 with httpcore 1.0.9 |" in page(made)


def test_the_exceptions_and_the_page_are_up_to_date() -> None:
    made = list(trials(Ledger(SHIPPED).stacks))
    shipped = msgspec.json.decode(exceptions.PACKAGED.read_bytes(), type=NotInferred)
    assert shipped == exceptions_of(made), "run `make inference`"
    assert PAGE.read_text() == page(made), "run `make inference`"

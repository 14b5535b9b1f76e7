"""The judge should put both axes into one key, and know every word of the published table."""

from __future__ import annotations

import itertools

import pytest
from support.histories import Deed, Event, history_of, run
from support.judged import FAULTY, SERVING, TIMED_OUT, key, verdict

from poolgate.verdict.judge import judge
from poolgate.verdict.judgement import Judgement, Slots
from poolgate.verdict.words import MEANING, TABLE, After, Burst, Key, Status, key_of


def test_a_correct_pool_passes() -> None:
    assert verdict(SERVING) == Judgement(
        status=Status.PASS,
        burst=Burst.COMPLETES,
        after=After.SERVES,
        key="completes/serves",
        slots=Slots(limit=2, usable_first=2, usable_final=2),
        outcomes={"ok": 4},
        expected={"ok": 4},
    )


FAULTS = {
    Burst.HANGS: {"hangs": Deed("hangs", 0.0)},
    Burst.OVER_LIMIT: {"early": Deed("ok", 0.0, 0.1, 1.1), "refused": Deed("ok", 0.0, 2.1, 3.1)},
    Burst.ERROR: {"fails": Deed("error", 0.0, 2.0, 3.0, {"error": "ReadError"})},
    # Before its wait reaches the pool timeout: with a missing timeout it would be unfair otherwise.
    Burst.POOL_TIMEOUT: {"refused": Deed("pool-timeout", 0.0, None, 5.0, TIMED_OUT)},
    Burst.MISSING_TIMEOUT: {"kept": Deed("ok", 0.0, 4.0, 5.0)},
    Burst.CHURNS: {"fresh": Deed("ok", 5.5, 5.5, 6.0, client="127.0.0.1:5002")},
    Burst.OVER_KEPT: {},
}


@pytest.mark.parametrize("count", range(1, len(FAULTS) + 1))
def test_of_several_faults_the_first_word_wins(count: int) -> None:
    for chosen in itertools.combinations(FAULTS, count):
        changes = {name: deed for fault in chosen for name, deed in FAULTS[fault].items()}
        records = run(FAULTY, changes, open=2 if Burst.OVER_KEPT in chosen else 1)
        if Burst.OVER_LIMIT in chosen:
            records += both_in_flight()
        assert judge(history_of(records)).burst is chosen[0], chosen


def both_in_flight() -> list[Event]:
    """Two requests that the plan does not know, together at a server with one slot: whatever else happens."""
    phase = {"phase": "burst"}
    came = [Event(7.0, "server", "arrived", name, {**phase, "asked": 1.0}) for name in "xy"]
    return came + [Event(8.0, "server", "departed", name, {**phase, "how": "sent"}) for name in "xy"]


def test_both_axes_are_in_the_key() -> None:
    changes = {"d": Deed("pool-timeout", 0.0, None, 3.5, TIMED_OUT)}
    assert key(SERVING, changes, first=[], final=[]) == "pool-timeout/dead/PoolTimeout"


PUBLISHED = """
crashes serves fail
crashes late fail
crashes leaks fail
crashes dead fail
hangs serves fail
hangs late fail
hangs leaks fail
hangs dead fail
over-limit serves fail
over-limit late fail
over-limit leaks fail
over-limit dead fail
error serves fail
error late fail
error leaks fail
error dead fail
unfair serves fail
unfair late fail
unfair leaks fail
unfair dead fail
pool-timeout serves fail
pool-timeout late fail
pool-timeout leaks fail
pool-timeout dead fail
missing-timeout serves fail
missing-timeout late fail
missing-timeout leaks fail
missing-timeout dead fail
churns serves fail
churns late fail
churns leaks fail
churns dead fail
over-kept serves fail
over-kept late fail
over-kept leaks fail
over-kept dead fail
super-linear serves fail
super-linear late fail
super-linear leaks fail
super-linear dead fail
back-pressure serves pass
back-pressure late fail
back-pressure leaks fail
back-pressure dead fail
completes serves pass
completes late fail
completes leaks fail
completes dead fail
"""


def test_the_published_table() -> None:
    records = [f"{burst} {after} {status}" for (burst, after), status in TABLE.items()]
    assert records == PUBLISHED.split("\n")[1:-1]


def test_every_word_has_a_meaning() -> None:
    assert list(MEANING) == [*Burst, *After, *Status]
    assert key_of(Burst.ERROR, After.LEAKS, None) == "error/leaks"


@pytest.mark.parametrize("error", [None, "PoolTimeout", "ReadError+WriteError", "native:cold,warm+level:cold@trio"])
def test_a_key_is_parsed_into_what_it_was_made_of(error: str | None) -> None:
    key = Key.parse(key_of(Burst.ERROR, After.LEAKS, error))
    assert key == (Burst.ERROR, After.LEAKS, tuple(error.split("+")) if error else ())


@pytest.mark.parametrize(("word", "status"), [(each, TABLE[each]) for each in TABLE])
def test_a_key_fails_as_the_published_table_says(word: tuple[Burst, After], status: Status) -> None:
    assert Key(*word).fails == (status is Status.FAIL)


@pytest.mark.parametrize("text", ["", "completes", "completes/", "unknown/serves", "completes/gone", "serves/dead"])
def test_a_text_that_is_not_a_key_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is not a valid"):
        Key.parse(text)

"""Words should mean what their key means: each key has words, and different keys have different ones."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Callable, Iterable, Iterator

import pytest
from corpus_golden import read_golden

from poolgate.ledger.instruments import SHIPPED
from poolgate.ledger.store import Ledger
from poolgate.scenarios import declared
from poolgate.verdict.key_words import STYLES, in_words, short_words, stale_words, verdict_words
from poolgate.verdict.words import TABLE, After, Burst, Key, Status

PASSING = {"completes/serves": "", "back-pressure/serves/PoolTimeout": "raises PoolTimeout when due"}
RAISED = {
    Burst.ERROR: ("", "ReadError", "KeyError+ReadError"),
    Burst.UNFAIR: ("PoolTimeout",),
    Burst.POOL_TIMEOUT: ("PoolTimeout",),
    Burst.MISSING_TIMEOUT: ("", "PoolTimeout"),
    Burst.BACK_PRESSURE: ("PoolTimeout",),
}
"""The exceptions in the key of a burst; the others have none."""


def of_loads() -> Iterator[str]:
    for burst, after in TABLE:
        for raised in RAISED.get(burst, ("",)):
            yield "/".join(filter(None, (burst, after, raised)))


def of_sweeps() -> Iterator[str]:
    """Every choice of situations for three styles, and all styles in the same one."""
    choices = [
        dict(zip(("double", "level", "native"), chosen, strict=True))
        for chosen in itertools.product(_SITUATIONS, repeat=3)
    ]
    for chosen in [*choices, dict.fromkeys(STYLES, "cold"), dict.fromkeys(STYLES, "cold,warm")]:
        for burst, after, on in itertools.product((Burst.COMPLETES, Burst.HANGS, Burst.ERROR), After, ("", "@trio")):
            places = "+".join(f"{style}:{where}{on}" for style, where in sorted(chosen.items()) if where)
            if places and (after is not After.SERVES or burst is Burst.HANGS):
                yield f"{burst}/{after}/{places}"


_SITUATIONS = ("", "cold", "warm", "cold,warm")


def stored() -> set[str]:
    cells = [cell for stack in Ledger(SHIPPED).stacks for cell in stack.cells]
    return {key for cell in cells for key in (cell.key, *cell.keys) if key}


def same(keys: Iterable[str]) -> dict[str, int]:
    """The words that several keys have."""
    return {words: number for words, number in Counter(map(short_words, set(keys))).items() if number > 1}


def judged() -> set[str]:
    return {str(judgement["key"]) for judgement in read_golden().judgements.values() if judgement.get("key")}


@pytest.mark.parametrize("keys", [of_loads, of_sweeps, judged, stored])
def test_different_keys_have_different_words(keys: Callable[[], Iterable[str]]) -> None:
    assert same([*of_loads(), *of_sweeps(), *keys()]) == {}


@pytest.mark.parametrize("keys", [of_loads, of_sweeps, judged, stored])
def test_each_key_of_a_failure_has_words_and_none_of_its_own(keys: Callable[[], Iterable[str]]) -> None:
    for key in keys():
        words = short_words(key)
        assert bool(words) or key == "completes/serves", key
        assert key not in words
        assert not {*words.split()} & {Burst.POOL_TIMEOUT, Burst.MISSING_TIMEOUT, Burst.OVER_LIMIT}, words
        assert Key.parse(key).fails or words == PASSING[key]


def test_the_styles_are_those_that_a_sweep_declares() -> None:
    assert {*declared()["cancel-sweep"].variants["style"]} == {"all", *STYLES}


@pytest.mark.parametrize(
    ("key", "words"),
    [
        ("missing-timeout/serves", "raises PoolTimeout late or never"),
        ("missing-timeout/serves/PoolTimeout", "raises PoolTimeout late"),
        ("pool-timeout/dead/PoolTimeout", "raises undue PoolTimeout and loses every slot"),
        ("unfair/serves/PoolTimeout", "raises PoolTimeout out of turn"),
        ("error/leaks/KeyError+ReadError", "raises KeyError or ReadError and loses slots"),
        ("completes/dead", "loses every slot"),
        ("back-pressure/dead/PoolTimeout", "raises PoolTimeout when due and loses every slot"),
        ("hangs/serves/native:cold", "hangs if cancelled by native in cold"),
        ("completes/leaks/level:cold@trio", "loses slots if cancelled by level in cold on trio"),
        (
            "hangs/leaks/double:cold,warm+level:cold,warm+native:closing",
            "hangs and loses slots if cancelled by double, level in cold, warm and by native in closing",
        ),
        ("a-word-of-another-release/serves", "a-word-of-another-release/serves"),
    ],
)
def test_the_words_of_a_key(key: str, words: str) -> None:
    assert short_words(key) == words


@pytest.mark.parametrize(
    ("status", "key", "words", "with_key"),
    [
        (Status.PASS, "completes/serves", "pass", "pass [completes/serves]"),
        (
            Status.PASS,
            "back-pressure/serves/PoolTimeout",
            "pass, raises PoolTimeout when due",
            "pass, raises PoolTimeout when due [back-pressure/serves/PoolTimeout]",
        ),
        ("FAIL", "completes/leaks", "FAIL loses slots", "FAIL loses slots [completes/leaks]"),
        (Status.UNKNOWN, None, "unknown", "unknown"),
    ],
)
def test_a_verdict_has_its_key_on_request(status: str, key: str | None, words: str, with_key: str) -> None:
    assert verdict_words(status, key) == words
    assert verdict_words(status, key, keys=True) == with_key


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("x fails with hangs/dead in 3 of 24 runs.", "x hangs and loses every slot in 3 of 24 runs."),
        ("passes with completes/serves, or not", "passes, or not"),
        ("passes in all of 5 runs with completes/serves on a", "passes in all of 5 runs on a"),
        ("passes with back-pressure/serves/PoolTimeout on a", "passes (raises PoolTimeout when due) on a"),
        (
            "passes in all of 5 runs with completes/leaks on a",
            "passes under load in all of 5 runs but loses slots on a",
        ),
        ("passes with completes/leaks.", "passes under load but loses slots."),
        ("fail completes/leaks, then pass completes/serves", "fail: loses slots, then pass"),
        ("flaky hangs/late in 1 of 4 runs", "flaky: hangs and frees slots late in 1 of 4 runs"),
        ("pass back-pressure/serves/PoolTimeout (chance)", "pass, raises PoolTimeout when due (chance)"),
        ("completes/serves", "behaves as a correct pool"),
        (
            "fails with completes/leaks/level:cold,warm, or not",
            "loses slots if cancelled by level in cold, warm, or not",
        ),
        ("see a/hangs/dead and hangs/deadly", "see a/hangs/dead and hangs/deadly"),
    ],
)
def test_a_sentence_has_words_in_place_of_keys(text: str, words: str) -> None:
    assert in_words(text) == words
    assert in_words(words) == words


def test_a_stale_verdict_says_what_it_was() -> None:
    assert stale_words("STALE", "completes/serves") == "STALE (was: behaves as a correct pool)"
    assert stale_words("STALE", "hangs/dead", keys=True) == "STALE (was: hangs and loses every slot [hangs/dead])"
    assert stale_words("STALE", None) == "STALE"


def test_a_sentence_has_its_keys_on_request() -> None:
    text = "fails with hangs/dead on a, passes with completes/serves on b"
    assert in_words(text, keys=True) == "hangs and loses every slot [hangs/dead] on a, passes [completes/serves] on b"

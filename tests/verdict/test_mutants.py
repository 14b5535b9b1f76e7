"""The corpus should detect a changed rule: a sample of the mutants here, all of them by `make mutate`."""

from __future__ import annotations

import multiprocessing
import re
from concurrent.futures import ProcessPoolExecutor

import msgspec
from mutants import RULES, detected, mutants_of, unchanged_is_detected
from mutate import ENOUGH, EQUIVALENT, SURVIVORS, all_mutants

EVERY = 16
"""Of so many mutants one is tried: a few dozen, over all modules."""


def survivors() -> list[str]:
    """The texts of the mutants that are listed as not detected."""
    rows = re.findall(r"^\| `(.+)` \| \w* \|$", SURVIVORS.read_text(), re.MULTILINE)
    return [row.replace("¦", "|") for row in rows]


def test_a_sample_of_changed_rules_is_detected() -> None:
    listed = set(survivors())
    sample = [mutant for mutant in all_mutants() if mutant.text not in listed][::EVERY]
    assert len(sample) >= 30
    with ProcessPoolExecutor(2, multiprocessing.get_context("spawn")) as pool:
        assert not pool.submit(unchanged_is_detected).result(), "run `make corpus`"
        found = dict(zip([mutant.text for mutant in sample], pool.map(detected, sample, chunksize=4), strict=True))
    assert [text for text, seen in found.items() if not seen] == []


def test_the_list_of_survivors_is_about_the_mutants_of_today() -> None:
    texts = [mutant.text for mutant in all_mutants()]
    assert len(texts) == len(set(texts))
    assert set(survivors()) <= set(texts), "run `make mutate`"
    assert 1 - len(survivors()) / len(texts) >= ENOUGH


def test_a_reason_is_one_word_about_a_survivor() -> None:
    reasons = msgspec.json.decode(EQUIVALENT.read_bytes(), type=dict[str, str])
    assert reasons.keys() <= set(survivors())
    assert all(re.fullmatch(r"\w+", reason) for reason in reasons.values())


def test_every_kind_of_change_is_made() -> None:
    texts = [mutant.text for module in RULES for mutant in mutants_of(module)]
    for change in (
        "< -> <=",
        "is -> is not",
        "in -> not in",
        "and -> or",
        "not -> nothing",
        "0.5 -> 0.55",
        "0.5 -> 0.45",
    ):
        assert any(text.endswith(f"| {change}") for text in texts), change

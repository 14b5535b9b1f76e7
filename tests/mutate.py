"""Counts the mutants of the judging rules that the corpus detects: `make mutate`; writes those that it does not.

`corpus/equivalent.json` says of a mutant, by its text, in a word why no history can detect it.
"""

from __future__ import annotations

import multiprocessing
import sys
from collections import Counter
from concurrent.futures import ProcessPoolExecutor

import msgspec
from corpus_cases import CORPUS
from mutants import RULES, Mutant, detected, mutants_of, unchanged_is_detected

SURVIVORS, EQUIVALENT = CORPUS / "SURVIVORS.md", CORPUS / "equivalent.json"
SIDE_BY_SIDE = 2
ENOUGH = 0.9
"""The share of mutants that has to be detected."""


def all_mutants() -> list[Mutant]:
    """Every mutant of every module of the judging rules."""
    return [mutant for module in RULES for mutant in mutants_of(module)]


def surviving(mutants: list[Mutant]) -> list[Mutant]:
    """Those that the corpus does not detect."""
    with ProcessPoolExecutor(SIDE_BY_SIDE, multiprocessing.get_context("spawn")) as pool:
        if pool.submit(unchanged_is_detected).result():
            raise SystemExit("the corpus does not come to its stored judgements: run `make corpus` first")
        found = pool.map(detected, mutants, chunksize=4)
        return [mutant for mutant, seen in zip(mutants, found, strict=True) if not seen]


def page(mutants: list[Mutant], survivors: list[Mutant], reasons: dict[str, str]) -> str:
    """The survivors as Markdown, with the figures of each module."""
    made, left = (Counter(mutant.module for mutant in each) for each in (mutants, survivors))
    share = 1 - len(survivors) / len(mutants)
    lines = [
        "# Mutants of the judging rules that the corpus does not detect",
        "",
        "`make mutate` writes this file. Each mutant changes one comparison, boolean operator, negation or number.",
        "",
        f"{len(mutants) - len(survivors)} of {len(mutants)} are detected: {share:.1%}.",
        "",
        "| module | mutants | not detected |",
        "| --- | --- | --- |",
        *(f"| `{module.rpartition('.')[2]}` | {made[module]} | {left[module]} |" for module in RULES if made[module]),
        "",
        "| not detected | why |",
        "| --- | --- |",
        *(f"| `{mutant.text.replace('|', '¦')}` | {reasons.get(mutant.text, '')} |" for mutant in survivors),
    ]
    return "\n".join(lines) + "\n"


def main() -> int:
    """Run every mutant; 1 where too many are not detected."""
    mutants = all_mutants()
    survivors = surviving(mutants)
    reasons = msgspec.json.decode(EQUIVALENT.read_bytes(), type=dict[str, str])
    SURVIVORS.write_text(page(mutants, survivors, reasons))
    share = 1 - len(survivors) / len(mutants)
    print(f"{len(mutants) - len(survivors)} of {len(mutants)} mutants are detected: {share:.1%}")
    return 0 if share >= ENOUGH else 1


if __name__ == "__main__":
    sys.exit(main())

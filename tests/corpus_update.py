"""Adds the declared cases to the corpus and stores the judgements of all: `make corpus`.

It checks the stored cases first and writes nothing where one of them has another judgement under the old number of its
rule, or none at all. The committed judgements count too: an edited or deleted row does not replace a raised number.
"""

from __future__ import annotations

import subprocess
import sys

import corpus_make
from corpus_cases import Cases, read_cases
from corpus_golden import GOLDEN, Golden, golden_of, judge_all, lost, read_golden, refusals, to_bytes

from poolgate.verdict.rules import RULES


def committed() -> Golden | None:
    """Return the judgements of the last commit; None where the corpus is not in a Git clone, or not committed yet."""
    command = ["git", "show", f"HEAD:./{GOLDEN.name}"]
    found = subprocess.run(command, cwd=GOLDEN.parent, capture_output=True, check=False)
    return golden_of(found.stdout) if found.returncode == 0 else None


def obstacles(cases: Cases) -> list[str]:
    """Return why the judgements of the stored cases may not be replaced, one sentence each."""
    if not GOLDEN.exists():
        return [f"{GOLDEN.name} is missing: restore it, for example with `git checkout`"]
    golden, before, now = read_golden(), committed(), judge_all(cases)
    found = [*lost(golden, cases), *refusals(golden, cases, now, RULES)]
    return list(dict.fromkeys([*found, *(refusals(before, cases, now, RULES) if before else ())]))


def main() -> int:
    """Add the new cases and store all judgements, or print why that is refused and return 1."""
    if refused := obstacles(read_cases()):
        print(*refused, sep="\n", file=sys.stderr)
        print(f"nothing was stored: {len(refused)} in all", file=sys.stderr)
        return 1
    corpus_make.main()
    now = judge_all(read_cases())
    GOLDEN.write_bytes(to_bytes(Golden(dict(RULES), now)))
    print(f"{len(now)} judgements are stored in {GOLDEN.name}")
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""`python -m poolgate.maintenance.readme` writes the generated parts of README.md: what is printed there was measured
or is code.

A part stands between `<!-- NAME -->` and `<!-- /NAME -->`, here and in `results/FINDINGS.md`. Two pages are written as
a whole: that of all verdicts that ship, `results/README.md`, and that of the claims, `results/claims/README.md`.
"""

from __future__ import annotations

import itertools
import re
import sys
from collections.abc import Iterable
from pathlib import Path

from ..answers.claims.claim import shipped_claims
from ..answers.release_line.spans import measured, spans
from ..answers.run import RunAnswer
from ..catalogue import packages, releases
from ..cli.parser import build_parser
from ..errors import MEANING as EXIT_MEANING
from ..formats.cell_text import rows_of
from ..ledger.instruments import SHIPPED
from ..ledger.merged import cells_of
from ..ledger.stack import Stack
from ..ledger.store import Ledger
from ..scenarios import declared
from ..verdict.words import MEANING, TABLE, After, Burst, Status
from .claims_page import PAGE, claims_page
from .findings import NATURE, TODAY, TURNS, beside_nature, failing_today, unclaimed_turns
from .scenario_list import PAGE as SCENARIOS
from .scenario_list import scenarios_list

README = "README.md"
SPANS = ("line", "scenario", "releases, oldest first")
RESULTS = SHIPPED / "README.md"
FINDINGS = SHIPPED / "FINDINGS.md"

_FRESHNESS = """\

## How far a verdict can be trusted

Each stored cell names the *instrument* that measured it; `instruments.json` has its parts: the scenario, the
worker, the adapter of the client, the server and its doors, the versions of the server's libraries, and the numbers
of the judging rules. A part of source files is a digest of what they mean, without docstrings, comments and the
places of files. A verdict is

- `same` where every part that its cell uses is as in this release;
- `qualified` where a part has changed and a record in `requalifications/` proves by sentinel cells that verdicts
  stay;
- `stale` otherwise. Stale verdicts are listed in `stale.json`, are printed as stale, and never count as a pass.

`make instruments` writes the instrument of this release, `make requalify WHY="..."` records a requalification.

### What was stamped before instruments were recorded

Until c47054d a cell held a digest of the bytes of its scenario, the worker and the servers. Two commits replaced
digests without measuring: e671e10 those of 5,831 cells, because a file that only bursts of tasks use left the
digest, and 700cd45 those of 324 sweeps, because the file of random deadlines left it. Both changes narrow what a
digest covers; the remaining bytes were the same. The digests did not cover the judging rules: 121e11d, 002094b and
711a58d of 27 November 2026 changed what a history of a late machine, of a crash and of a client that stands still
comes to, after most cells were measured; so did the rule that refuses a declaration whose model does not fit its
load, which is part of `ends`. The numbers of the rules begin with 1 after these. The migration gave all 5,859 cells
the instrument c883f687ba65; the digest of each matched the sources of c47054d (`tests/test_freshness.py` shows it).
"""

_HEAD = """\
# What was measured along the release lines

Neighbouring releases that behave in the same way are one span. The default variant of each scenario, on the first
Python that suits the release; `poolgate report --shipped` prints every cell, with its evidence and the command that
measures it again. `python -m poolgate.maintenance.readme` writes this page from the files in `stacks/`.

"""


def parts() -> dict[str, str]:
    """Every generated part by its name."""
    stacks = Ledger(SHIPPED).stacks
    return {
        "grid": _grid(stacks),
        "spans": _table(SPANS, (row for row in _spans(stacks) if row[1].strip("`") in _core())),
        "verbs": _table(("verb", "what it does"), _verbs()),
        "burst": _table(("burst", "what happened under load"), ((word, MEANING[word]) for word in Burst)),
        "after": _table(("after", "what is left once the load is gone"), ((word, MEANING[word]) for word in After)),
        "status": _table(("status", "what a cell comes to"), ((word, MEANING[word]) for word in Status)),
        "table": _table(("", *After), ((burst, *(TABLE[burst, after] for after in After)) for burst in Burst)),
        "exit": _table(("exit code", "meaning"), ((str(code.value), text) for code, text in EXIT_MEANING.items())),
    }


def found() -> dict[str, str]:
    """The generated parts of the findings by their names."""
    known, stacks = releases.load(), Ledger(SHIPPED).stacks
    return {
        "today": _table(TODAY, failing_today(known, stacks)),
        "nature": _table(NATURE, beside_nature(stacks)),
        "turns": _table(TURNS, unclaimed_turns(known, stacks, shipped_claims())),
    }


def filled(text: str, known: dict[str, str]) -> str:
    """A text with its generated parts as they are `known` to be; raises ValueError for a part nobody generates."""

    def fill(match: re.Match[str]) -> str:
        if match[1] not in known:
            raise ValueError(f"nobody generates the part {match[1]!r}; there are {', '.join(known)}")
        return f"<!-- {match[1]} -->\n{known[match[1]]}\n<!-- /{match[1]} -->"

    return re.sub(r"<!-- (\w+) -->\n.*?<!-- /\1 -->", fill, text, flags=re.DOTALL)


def results_page() -> str:
    """Every span of every line, from the shipped verdicts alone."""
    return _HEAD + _table(SPANS, _spans(Ledger(SHIPPED).stacks)) + "\n" + _FRESHNESS


def _core() -> set[str]:
    return {scenario.id for scenario in declared().values() if scenario.core}


def _grid(stacks: list[Stack]) -> str:
    """The curated matrix, as it is stored, in the order of families and releases."""
    curated = [stack for stack in stacks if set(stack.releases) & set(releases.curated())]
    cells = [cell for cell in cells_of(curated) if not cell.variant and cell.scenario in _core()]
    header, rows = rows_of(RunAnswer(cells=cells))
    return _table(tuple(header), map(tuple, rows))


def _spans(stacks: list[Stack]) -> Iterable[tuple[str, ...]]:
    known = releases.load()
    for line, (scenario, variant) in itertools.product(packages.LINES, measured(stacks)):
        told = [str(span) for span in spans(known, stacks, line, scenario, variant) if span.status is not None]
        if told and not variant:
            yield f"`{line}`", f"`{scenario}`", "; ".join(told)


def _verbs() -> Iterable[tuple[str, str]]:
    (verbs,) = [action for action in build_parser()._actions if action.dest == "verb"]
    for name, parser in dict(verbs.choices or {}).items():
        yield f"`poolgate {name}`", parser.description


def _table(header: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [header, ("---",) * len(header), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


if __name__ == "__main__":
    path = Path(sys.argv[1] if len(sys.argv) > 1 else README)
    path.write_text(filled(path.read_text(), parts()))
    FINDINGS.write_text(filled(FINDINGS.read_text(), found()))
    RESULTS.write_text(results_page())
    PAGE.write_text(claims_page())
    SCENARIOS.write_text(filled(SCENARIOS.read_text(), {"scenarios": scenarios_list()}))

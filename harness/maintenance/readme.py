"""`python -m poolgate.maintenance.readme` writes the generated parts of README.md and of results/.

A part lies between `<!-- NAME -->` and `<!-- /NAME -->`, in README.md and in `results/FINDINGS.md`. Three pages are
generated as a whole: `results/README.md` with all shipped verdicts, `results/claims/README.md` with the claims, and
`results/COVERAGE.md` with what is measured.
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
from .coverage_page import PAGE as COVERAGE
from .coverage_page import coverage_page
from .findings import CHANGES, RANDOM, TODAY, failing_today, unclaimed_changes, with_random_deadlines
from .scenario_list import PAGE as SCENARIOS
from .scenario_list import scenarios_list

README = "README.md"
SPANS = ("line", "scenario", "releases, oldest first")
RESULTS = SHIPPED / "README.md"
FINDINGS = SHIPPED / "FINDINGS.md"

_FRESHNESS = """\

## Freshness of a verdict

Each stored cell names the *instrument* that measured it. `instruments.json` lists the parts of each instrument: the
scenario, the worker, the client adapter, the server and its listeners (doors), the versions of the server's libraries,
and the version numbers of the judging rules. The value of a source part is a digest of its syntax tree, without
docstrings, comments and file locations. A verdict is

- `same` if every part that its cell uses is the one of this release;
- `qualified` if a part has changed, and a record in `requalifications/` shows with sentinel cells that verdicts stay
  the same;
- `stale` otherwise. Stale verdicts are listed in `stale.json`, are printed as stale, and never count as a pass.

`make instruments` writes the instrument of this release. `make requalify WHY="reason"` measures sentinel cells and
records a requalification.

### Digests that were replaced before instruments were recorded

Until c47054d, a cell held a digest of the bytes of its scenario, the worker and the servers. Two commits replaced
digests without a measurement: e671e10 replaced 5,831, because a file that only bursts of tasks use was removed from
the digest; 700cd45 replaced those of 324 sweeps, because the file of random deadlines was removed. Both changes
narrow the digest; the remaining bytes were the same. The digests did not cover the judging rules. On 27 November
2026, after most cells were measured, 121e11d, 002094b and 711a58d changed the verdict of a history with a late
machine, with a crash, and with a client that makes no progress. So did the rule that refuses a declaration whose
model does not fit its load, which is part of `ends`. The version numbers of the rules start at 1 after these
changes. The migration gave all 5,859 cells the instrument c883f687ba65; the digest of each matched the sources of
c47054d (`tests/ledger/test_freshness.py` proves it).

After that, 3,001 default variants were measured again with the same instrument (`poolgate run SCENARIO... --line
LINE`, all scenarios but the sweeps, `contention-cost` and `finaliser-deadlock`; the lines httpx2, httpxyz,
httpcorexyz, httpcore from 0.14.0, httpx from 0.18.0, and the first releases of the others): 2,841 have the same
status and key. The 160 others are cells of chance; 38 of them are corrected to the verdict with more runs. A
further 591 cells were measured anew where the first requalification refused their scenario.

On 28 November 2026, 1,568 more of these cells were measured again after that requalification (`poolgate run SCENARIO...
--line LINE --strict`; httpx from 0.7.1 to 0.17.1 and httpcore from 0.7.0 to 0.13.7, the three sweeps,
`contention-cost` and `finaliser-deadlock` included for httpx): 1,552 have the same status and key. Of the 16 others,
nine are cells of chance whose stored verdict rests on more runs and stays; three pools had lost a slot to random
deadlines and met none in one run on a busy machine; three ended before their load, in a server without a free
descriptor or with a failed first request; one, `contention-cost` on httpx 0.10.1, is corrected from `hangs/late` to
`hangs/serves`. What is left of the default variants are most cells with threads and HTTP/2 races on these two lines,
and the sweeps of the newer releases. No command counts these cells again: the results of that day were
compared with the stored ones before they were merged, and the history of `results/stacks/` has only what was stored.
"""

_HEAD = """\
# Results along the release lines

Consecutive releases that behave in the same way form one span. The page has the default variant of each scenario, on
the first Python that suits the release; `poolgate report --shipped` prints every cell with its evidence and the command
that measures it again. `python -m poolgate.maintenance.readme` writes this page from the files in `stacks/`.

"""


def parts() -> dict[str, str]:
    """Return every generated part of README.md by its name."""
    stacks = Ledger(SHIPPED).stacks
    return {
        "grid": _grid(stacks),
        "spans": _table(SPANS, (row for row in _spans(stacks) if row[1].strip("`") in _core())),
        "verbs": _table(("verb", "what it does"), _verbs()),
        "burst": _table(("burst", "what happened under load"), ((word, MEANING[word]) for word in Burst)),
        "after": _table(("after", "what is left after the load"), ((word, MEANING[word]) for word in After)),
        "status": _table(("status", "result of a cell"), ((word, MEANING[word]) for word in Status)),
        "table": _table(("", *After), ((burst, *(TABLE[burst, after] for after in After)) for burst in Burst)),
        "exit": _table(("exit code", "meaning"), ((str(code.value), text) for code, text in EXIT_MEANING.items())),
    }


def findings() -> dict[str, str]:
    """Return every generated part of `results/FINDINGS.md` by its name."""
    known, stacks = releases.load(), Ledger(SHIPPED).stacks
    return {
        "today": _table(TODAY, failing_today(known, stacks)),
        "nature": _table(RANDOM, with_random_deadlines(stacks)),
        "turns": _table(CHANGES, unclaimed_changes(known, stacks, shipped_claims())),
    }


def filled(text: str, known: dict[str, str]) -> str:
    """Return a text with its generated parts replaced by the `known` ones; raises ValueError for an unknown part."""

    def fill(match: re.Match[str]) -> str:
        if match[1] not in known:
            raise ValueError(f"the part {match[1]!r} is not generated; choose one of {', '.join(known)}")
        return f"<!-- {match[1]} -->\n{known[match[1]]}\n<!-- /{match[1]} -->"

    return re.sub(r"<!-- (\w+) -->\n.*?<!-- /\1 -->", fill, text, flags=re.DOTALL)


def results_page() -> str:
    """Return the page of all spans of all lines, made from the shipped verdicts alone."""
    return _HEAD + _table(SPANS, _spans(Ledger(SHIPPED).stacks)) + "\n" + _FRESHNESS


def _core() -> set[str]:
    return {scenario.id for scenario in declared().values() if scenario.core}


def _grid(stacks: list[Stack]) -> str:
    """Return the stored cells of the curated matrix, in the order of families and releases."""
    curated = [stack for stack in stacks if set(stack.releases) & set(releases.curated())]
    cells = [cell for cell in cells_of(curated) if not cell.variant and cell.scenario in _core()]
    header, rows = rows_of(RunAnswer(cells=cells))
    return _table(tuple(header), map(tuple, rows))


def _spans(stacks: list[Stack]) -> Iterable[tuple[str, ...]]:
    known = releases.load()
    for line, (scenario, variant) in itertools.product(packages.LINES, measured(stacks)):
        found = [str(span) for span in spans(known, stacks, line, scenario, variant) if span.status is not None]
        if found and not variant:
            yield f"`{line}`", f"`{scenario}`", "; ".join(found)


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
    FINDINGS.write_text(filled(FINDINGS.read_text(), findings()))
    RESULTS.write_text(results_page())
    PAGE.write_text(claims_page())
    COVERAGE.write_text(coverage_page())
    SCENARIOS.write_text(filled(SCENARIOS.read_text(), {"scenarios": scenarios_list()}))

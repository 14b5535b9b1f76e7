"""`poolgate verify`: measure what a changelog, an issue or a page claims."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import msgspec

from ...answers.advisory.page import load_page
from ...answers.advisory.plan import PagePlan, cells_of, plan_of
from ...answers.claims.claim import Claim, load_claim, write_claim
from ...answers.claims.find import find_claims
from ...answers.claims.judge import measured
from ...answers.claims.measure import ClaimAnswer, all_cells, claim_answer, measure_claims, today
from ...answers.verify import check_page, exit_for, verify_answer
from ...answers.within import Within, within
from ...errors import Exit
from ...formats.format import Format
from ...formats.verify import render
from ..measuring import measurer_of


def main(arguments: argparse.Namespace) -> Exit:
    """Measure every claim and page, and print their verdicts."""
    paths = list(dict.fromkeys(path for word in arguments.claim for path in find_claims(word)))
    files = [path for path in paths if path.suffix == ".json"]
    claims = [load_claim(path) for path in files]
    pages = [load_page(path) for path in paths if path not in files]
    plans = [plan_of(page) for page in pages]
    bounded = within(measurer_of(arguments), arguments.budget)
    _announce(bounded, claims, plans)
    cells = measure_claims(bounded, claims)
    answers = [claim_answer(*each) for each in zip(files, claims, cells, strict=True)]
    if arguments.write:
        for path, claim, answer in zip(files, claims, answers, strict=True):
            _write(path, claim, answer)
    checked = [check_page(bounded, page, plan) for page, plan in zip(pages, plans, strict=True)]
    print(render(verify_answer(answers, checked, arguments.budget), Format(arguments.format), keys=arguments.keys))
    return exit_for(answers, checked)


def _announce(bounded: Within, claims: list[Claim], plans: list[PagePlan]) -> None:
    """Print the number of cells and the time that they may take, before anything is measured."""
    forecast = bounded.forecast([*all_cells(claims), *(cell for plan in plans for cell in cells_of(plan))])
    budget = f"; the budget is {bounded.budget.seconds:g} s" if bounded.budget else ""
    more = ", then workarounds against what fails" if any(not plan.nearest for plan in plans) else ""
    print(f"verify: {forecast}{budget}{more}", file=sys.stderr)


def _write(path: Path, claim: Claim, answer: ClaimAnswer) -> None:
    """Write the measured verdicts into the claim file, unless this machine could not judge a cell."""
    if answer.inconclusive:
        print(f"{path}: not written, one of its cells could not be judged", file=sys.stderr)
        return
    found = measured(claim, answer.cells, today(claim.targets))
    write_claim(path, msgspec.structs.replace(claim, measured=found))

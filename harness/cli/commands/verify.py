"""`poolgate verify`: measure what a changelog, an issue or a page claims."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import msgspec

from ...answers.advisory import answer as advisory
from ...answers.advisory.answer import PageAnswer
from ...answers.advisory.page import Page, load_page
from ...answers.advisory.plan import Plan, cells_of, plan_of
from ...answers.claims.claim import Claim, find_claims, load_claim, write_claim
from ...answers.claims.judge import measured
from ...answers.claims.measure import ClaimAnswer, VerifyAnswer, answer_of, measure_claims, today
from ...answers.workarounds.remedies import efforts_of, weighed
from ...errors import Exit, exit_of
from ...formats.cell_text import Format
from ...formats.verify import render
from ...ledger.stack import SHIPPED, Ledger
from ...measurement.cached import ask, ask_surely
from ...verdict.words import Status


def main(arguments: argparse.Namespace) -> Exit:
    """Measure every claim, print what each comes to, and say by the exit code how it went."""
    asked = list(dict.fromkeys(path for word in arguments.claim for path in find_claims(word)))
    files = [path for path in asked if path.suffix == ".json"]
    claims = [load_claim(path) for path in files]
    pages = [load_page(path) for path in asked if path not in files]
    plans = [plan_of(page) for page in pages]
    cells = measure_claims(arguments, claims)
    answers = [answer_of(*told) for told in zip(files, claims, cells, strict=True)]
    if arguments.write:
        for path, claim, answer in zip(files, claims, answers, strict=True):
            _write(path, claim, answer)
    told = [_page(arguments, page, plan) for page, plan in zip(pages, plans, strict=True)]
    print(render(VerifyAnswer(claims=answers, pages=told), Format(arguments.format)))
    return exit_for(answers, told)


def _page(arguments: argparse.Namespace, page: Page, plan: Plan) -> PageAnswer:
    """Everything but the workarounds first: they are tried on the last release that fails."""
    cells = ask(arguments, cells_of(plan))
    pairs = advisory.remedy_pairs(plan, cells)
    answers = ask_surely(arguments, [cell for *_, cell in pairs])
    tried = [
        (name, weighed(name, before, after, efforts_of(bad, cell)))
        for (name, before, bad, cell), after in zip(pairs, answers, strict=True)
    ]
    return advisory.answer_of(page, plan, cells, tried, Ledger(SHIPPED).stacks)


def exit_for(answers: list[ClaimAnswer], pages: list[PageAnswer]) -> Exit:
    """1 for a refuted claim, 3 where a cell could not be judged, 5 where nothing of all could be installed."""
    verdicts = [answer.verdict for answer in answers]
    verdicts += [finding.verdict for page in pages for finding in page.findings]
    unknown = any(cell.status is Status.UNKNOWN for page in pages for cell in page.cells)
    codes = {Exit.WORSE for verdict in verdicts if verdict == "refuted"}
    cells = [*(cell for answer in answers for cell in answer.cells), *(cell for page in pages for cell in page.cells)]
    codes |= {Exit.HARNESS} if cells and not any(cell.packages for cell in cells) else set()
    codes |= {Exit.INCONCLUSIVE} if unknown or any(answer.inconclusive for answer in answers) else set()
    return exit_of(codes)


def _write(path: Path, claim: Claim, answer: ClaimAnswer) -> None:
    """Keep what was measured beside the claim; what this machine could not judge is not kept."""
    if answer.inconclusive:
        print(f"{path}: not written, a cell of it could not be judged", file=sys.stderr)
        return
    found = measured(claim, answer.cells, today(claim.targets))
    write_claim(path, msgspec.structs.replace(claim, measured=found))

"""The answer of `verify`: claims and advisory pages together."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

import msgspec

from ..errors import Exit, exit_of
from ..ledger.instruments import SHIPPED
from ..ledger.store import Ledger
from ..verdict.outcome import CellResult, name_of
from ..verdict.words import Status
from .advisory import answer as advisory
from .advisory.answer import PageAnswer
from .advisory.page import Page
from .advisory.plan import PagePlan, cells_of
from .claims.claim import Verdict
from .claims.measure import ClaimAnswer
from .within import Within, left_out
from .workarounds.remedies import compared_loads, tried_remedy


class VerifyAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """The answer of `verify`. `left_out` names the cells that the budget left out, and `budget` is its seconds."""

    schema: Literal["poolgate/verify"] = "poolgate/verify"
    version: Literal[1] = 1
    claims: list[ClaimAnswer]
    pages: list[PageAnswer] = []
    budget: float | None = None
    left_out: list[str] = []


def verify_answer(claims: list[ClaimAnswer], pages: list[PageAnswer], budget: float | None) -> VerifyAnswer:
    """Return the answer, with the names of the cells that the budget left out."""
    cells = [cell for claim in claims for cell in claim.cells] + [cell for page in pages for cell in page.cells]
    names = dict.fromkeys(f"{name_of(cell)}@{cell.target}" for cell in cells if left_out(cell))
    remedies = dict.fromkeys(name for page in pages for name in page.left_out)
    return VerifyAnswer(claims=claims, pages=pages, budget=budget, left_out=[*names, *remedies])


def check_page(within: Within, page: Page, plan: PagePlan) -> PageAnswer:
    """Measure a page: first all of its cells, then workarounds on the last release that fails.

    Workarounds are not tried against a scenario that is only the nearest to the page.
    """
    cells = within.results(cells_of(plan))
    pairs = [] if page.nearest else advisory.remedy_pairs(plan, cells)
    answers = within.results([cell for *_, cell in pairs], within.measurer.answers_confirmed)
    tried = [
        (name, tried_remedy(name, before, after, compared_loads(bad, cell)))
        for (name, before, bad, cell), after in zip(pairs, answers, strict=True)
        if name in page.remedies or not left_out(after)
    ]
    answer = advisory.page_answer(page, plan, cells, tried, Ledger(SHIPPED).stacks)
    missing = [f"{name_of(cell)}@{cell.target}" for cell in answers if left_out(cell)]
    return msgspec.structs.replace(answer, left_out=missing)


def exit_for(answers: list[ClaimAnswer], pages: list[PageAnswer]) -> Exit:
    """Return 1 for a refuted claim, 3 if something is undecided, 5 if no cell could be installed.

    Undecided is a cell that this machine could not judge, a page that no scenario is about, and a verdict that depends
    on what the budget left out.
    """
    verdicts = [answer.verdict for answer in answers]
    verdicts += [finding.verdict for page in pages for finding in page.findings]
    codes = {Exit.WORSE for verdict in verdicts if verdict == "refuted"}
    cells = [*(cell for answer in answers for cell in answer.cells), *(cell for page in pages for cell in page.cells)]
    tried = [cell for cell in cells if not left_out(cell)]
    codes |= {Exit.HARNESS} if tried and not any(cell.packages for cell in tried) else set()
    undecided = [_undecided([answer.verdict], answer.cells) for answer in answers]
    undecided += [_undecided([finding.verdict for finding in page.findings], page.cells) for page in pages]
    codes |= {Exit.INCONCLUSIVE} if any(undecided) or any(page.page.nearest for page in pages) else set()
    return exit_of(codes)


def _undecided(verdicts: Iterable[Verdict], cells: list[CellResult]) -> bool:
    """Return whether a cell could not be judged here, or the budget left out some that a verdict depends on."""
    unknown = [cell for cell in cells if cell.status is Status.UNKNOWN]
    return any(not left_out(cell) for cell in unknown) or (bool(unknown) and "not-testable" in verdicts)

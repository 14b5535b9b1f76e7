"""The answer of `verify`: claims and advisory pages together."""

from __future__ import annotations

from typing import Literal

import msgspec

from ..errors import Exit, exit_of
from ..ledger.instruments import SHIPPED
from ..ledger.store import Ledger
from ..measurement.cached import Measurer
from ..verdict.words import Status
from .advisory import answer as advisory
from .advisory.answer import PageAnswer
from .advisory.page import Page
from .advisory.plan import Plan, cells_of
from .claims.measure import ClaimAnswer
from .workarounds.remedies import efforts_of, weighed


class VerifyAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """The answer of `verify`."""

    schema: Literal["poolgate/verify"] = "poolgate/verify"
    version: Literal[1] = 1
    claims: list[ClaimAnswer]
    pages: list[PageAnswer] = []


def check_page(measurer: Measurer, page: Page, plan: Plan) -> PageAnswer:
    """Everything but the workarounds first: they are tried on the last release that fails."""
    cells = measurer.answers(cells_of(plan))
    pairs = advisory.remedy_pairs(plan, cells)
    answers = measurer.answers_confirmed([cell for *_, cell in pairs])
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

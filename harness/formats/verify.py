"""How the answer of `verify` is written."""

from __future__ import annotations

from typing import assert_never

from ..answers import CellAnswer, RunAnswer
from ..cells import variant_name
from ..verifying import ClaimAnswer, VerifyAnswer
from . import to_json
from .interface import Format, words_of
from .markdown import escape, to_markdown
from .page import page_markdown, page_text


def render(answer: VerifyAnswer, wanted: Format) -> str:
    """In one of the formats, without a line end."""
    match wanted:
        case Format.JSON:
            return to_json(answer)
        case Format.TEXT:
            return "\n\n".join([*map(_text, answer.claims), *map(page_text, answer.pages)])
        case Format.MARKDOWN:
            return "\n\n".join([*map(_markdown, answer.claims), *map(page_markdown, answer.pages)])
        case _:
            assert_never(wanted)


def _text(answer: ClaimAnswer) -> str:
    lines = [
        f"{answer.claimed['id']}: {answer.verdict.upper()}{_doubt(answer)}",
        f"  claimed   {_claimed(answer)}",
        f"  measured  {answer.why}",
        *(f"    {_column(cell)}@{cell.target}: {words_of(cell)}" for cell in answer.cells),
    ]
    return "\n".join([*lines, *([f"  again     {answer.command}"] if answer.command else [])])


def _markdown(answer: ClaimAnswer) -> str:
    head = [
        f"## {escape(answer.claimed['id'])}: {answer.verdict}{_doubt(answer)}",
        f"Claimed: {escape(_claimed(answer))}",
        f"Measured: {escape(answer.why)}",
    ]
    cells = [to_markdown(RunAnswer(cells=answer.cells)), f"    {answer.command}"] if answer.cells else []
    return "\n\n".join([*head, *cells])


def _claimed(answer: ClaimAnswer) -> str:
    claimed = answer.claimed
    release = f"{claimed['package']} {claimed['release'] or 'report'}"
    return f"{release}: {claimed['claim']} ({', '.join(claimed['references'])})"


def _doubt(answer: ClaimAnswer) -> str:
    return " (inconclusive: this machine could not judge every cell)" if answer.inconclusive else ""


def _column(cell: CellAnswer) -> str:
    return variant_name(cell.scenario, cell.variant)

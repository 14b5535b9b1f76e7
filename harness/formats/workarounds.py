"""Text and Markdown of the answer of `workarounds`."""

from __future__ import annotations

from ..answers.workarounds.remedies import TriedRemedy, WorkaroundsAnswer
from ..verdict.compare import JUDGED
from ..verdict.words import Status
from .format import Format, Writers
from .markdown import escape

_HEADER = ("scenario", "remedy", "", "measured", "load without", "load with", "when not", "again")


def render(answer: WorkaroundsAnswer, wanted: Format) -> str:
    """Return the answer in one of the formats, without a line end."""
    return WRITERS.write(answer, wanted)


def _text(answer: WorkaroundsAnswer) -> str:
    return "\n".join([_head(answer), *map(_lines, answer.tried)])


def _lines(tried: TriedRemedy) -> str:
    scenario, remedy, helps, measured, without, figures, caution, command = _row(tried)
    loads = f"without it {without}; with it {figures}" + (f"; a correct pool {tried.due}" if tried.due else "")
    lines = [
        f"{scenario}: {remedy}: {helps.upper()}",
        f"  measured  {measured}",
        f"  load      {loads}",
        f"  when not  {caution}",
        f"  again     {command}",
    ]
    return "\n".join(lines)


def _markdown(answer: WorkaroundsAnswer) -> str:
    rows = [_HEADER, ("---",) * len(_HEADER), *(tuple(map(escape, _row(tried))) for tried in answer.tried)]
    table = "\n".join(f"| {' | '.join(row)} |" for row in rows)
    return "\n\n".join([escape(_head(answer)), *([table] if answer.tried else [])])


def _head(answer: WorkaroundsAnswer) -> str:
    failing = [cell.scenario for cell in answer.cells if cell.status in {Status.FAIL, Status.FLAKY}]
    if not any(cell.status in JUDGED for cell in answer.cells):
        reasons = "; ".join(dict.fromkeys(cell.reason or cell.status for cell in answer.cells))
        return f"{answer.target}: nothing could be judged: {reasons}"
    if not failing:
        return f"{answer.target}: nothing fails, so there is nothing to work around."
    return f"{answer.target}: {', '.join(dict.fromkeys(failing))} of {len(answer.cells)} cells fail."


def _row(tried: TriedRemedy) -> tuple[str, ...]:
    loads = (str(figures or "not here") for figures in (tried.without, tried.figures))
    remedy = f"{tried.remedy} ({tried.what})"
    return tried.scenario, remedy, tried.helps, tried.measured, *loads, tried.caution, tried.command


WRITERS = Writers[WorkaroundsAnswer](text=_text, markdown=_markdown)

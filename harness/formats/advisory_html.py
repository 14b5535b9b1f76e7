"""A corrected advisory for a browser: timelines, where slots are lost, remedies, and the statements."""

from __future__ import annotations

from pathlib import Path

from ..answers.advisory.answer import PageAnswer
from ..answers.claims.claim import Verdict
from ..cells.commands import verify_command
from ..verdict.key_words import in_words
from .advisory import lost_slots_words, measured_words, scenario_of, script_command, searched_for
from .html import Box, Entry, Mark, Section


def page_section(answer: PageAnswer, *, keys: bool = False) -> Section:
    """Return the section of a page: timelines, where slots are lost, remedies, then the statements."""
    findings = [
        Entry(each.statement, [in_words(each.measured, keys=keys), f"again: {each.command}"], verdict_box(each.verdict))
        for each in answer.findings
    ]
    losses = [
        Entry(
            f"{each.scenario} on {each.target}",
            [lost_slots_words(each), f"again: {each.command or each.replay}", f"again: {script_command(each)}"],
        )
        for each in answer.losses
    ]
    remedies = [
        Entry(
            f"{each.what}, against {each.scenario}",
            [in_words(each.measured, keys=keys), f"when not: {each.when_not}", f"again: {each.command}"],
        )
        for each in answer.remedies
    ]
    timelines = [
        Entry(
            f"{each.scenario} along {each.line}",
            [
                scenario_of(each.scenario).requirement,
                *(f"{part} {part.released} {part.kind or part.status}: {part.does}" for part in each.spans),
                f"again: {each.command}",
            ],
        )
        for each in answer.timelines
    ]
    again = verify_command(Path(answer.page.file).name)
    searched = f"what to search logs for: {', '.join(searched_for(answer)) or 'no exception: requests hang'}"
    head = Entry(measured_words(answer), [searched, f"again: {again}"])
    return Section(f"{answer.page.file}: {answer.page.issue}", [head, *timelines, *losses, *remedies, *findings])


def verdict_box(verdict: Verdict) -> Box:
    """Return the mark of a claim."""
    mark = {"confirmed": Mark.PASS, "refuted": Mark.FAIL}.get(verdict, Mark.OPEN)
    return Box(mark, verdict)

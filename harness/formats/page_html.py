"""An advisory as it should have been, for a browser: what it says and what is so, where slots go, and what helps."""

from __future__ import annotations

from ..advisory import PageAnswer
from ..claims import Verdict
from .html import Box, Entry, Mark, Section
from .page import loss_words


def page_section(answer: PageAnswer) -> Section:
    """The page's statements, then where slots are lost, then what helps, and how its failures go along the line."""
    findings = [
        Entry(each.statement, [each.measured, f"again: {each.command}"], verdict_box(each.verdict))
        for each in answer.findings
    ]
    losses = [
        Entry(f"{each.scenario} on {each.target}", [loss_words(each), f"again: {each.command or each.replay}"])
        for each in answer.losses
    ]
    remedies = [
        Entry(
            f"{each.what}, against {each.scenario}", [each.told, f"when not: {each.when_not}", f"again: {each.command}"]
        )
        for each in answer.remedies
    ]
    courses = [
        Entry(f"{each.scenario} along {each.line}", [*each.spans, f"again: {each.command}"]) for each in answer.courses
    ]
    return Section(f"{answer.page.file}: {answer.page.issue}", [*findings, *losses, *remedies, *courses])


def verdict_box(verdict: Verdict) -> Box:
    """The mark of a claim."""
    mark = {"confirmed": Mark.PASS, "refuted": Mark.FAIL}.get(verdict, Mark.OPEN)
    return Box(mark, verdict)

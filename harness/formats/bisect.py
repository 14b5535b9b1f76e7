"""The result of a bisection: lines for a terminal, and a report to paste."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import UNSET

from ..answers.bisect.step import Step
from ..cells.cell import variant_name
from ..verdict.compare import MARGIN
from ..verdict.key_words import in_words, short_words
from ..verdict.words import MEANING, Status
from .markdown import escape, row

if TYPE_CHECKING:
    from ..answers.bisect.answer import BisectAnswer


def to_text(answer: BisectAnswer, *, keys: bool = False) -> str:
    """Return the steps in the order of the range, then the result and its confidence."""
    lines = [
        _heading(answer),
        *(f"  {_line(step, keys=keys)}" for step in answer.steps),
        _conclusion(answer, keys=keys),
    ]
    if answer.found:
        lines += [f"  {_line(answer.found, keys=keys)}", f"again: {answer.found.again}"]
    return "\n".join([*lines, _confidence(answer), f"whole search again: {answer.replay}"])


def to_markdown(answer: BisectAnswer, *, keys: bool = False) -> str:
    """Return a report for an issue: the result, the table of steps, and the commands for both."""
    table = [row(["", "place", "day", "subject", "shows", "runs"]), row(["---"] * 6)]
    table += [
        row([step.side, _short(step), step.date, step.subject, _shows(step, keys=keys), str(step.runs)])
        for step in answer.steps
    ]
    lines = [f"## {escape(_heading(answer))}", "", f"**{escape(_conclusion(answer, keys=keys))}**", ""]
    if answer.found:
        found = answer.found
        lines += [escape(" ".join(filter(None, (found.name, found.date, found.subject)))), ""]
    lines += [
        escape(_confidence(answer)),
        "",
        *table,
        "",
        "Measured by poolgate; the whole search, and one step of it:",
        "",
    ]
    return "\n".join([*lines, "```console", answer.replay, *([answer.found.again] if answer.found else []), "```"])


def _heading(answer: BisectAnswer) -> str:
    name = variant_name(answer.scenario, answer.variant)
    ends = f"{_cut(answer.good)} good, {_cut(answer.bad)} bad"
    return f"{name} in {answer.range} ({answer.package}): {ends}, {answer.places} places, {answer.cells} measured"


def _conclusion(answer: BisectAnswer, *, keys: bool) -> str:
    sought = "; ".join(in_words(key, keys=keys) for key in answer.sought)
    did = "went with" if answer.change == "repaired" else "came with"
    if answer.found:
        return f"the failure {did} {_cut(answer.found.name)}: {sought}"
    names = ", ".join(map(_cut, answer.suspects))
    if answer.undecided:
        ended = ", ".join(map(_cut, answer.undecided))
        return f"undecided: the failure {did} one of {names}; the budget ended {ended}: raise --budget ({sought})"
    return f"the failure {did} one of {names} (those between could not be judged): {sought}"


def _confidence(answer: BisectAnswer) -> str:
    names = [_cut(step.name) for step in answer.skipped if step.name not in answer.undecided]
    skipped = f"; skipped: {', '.join(names)}" if names else ""
    if any(step.compared is not UNSET for step in answer.steps):
        which = f"all comparisons with {_cut(answer.good)}, for differences of {MARGIN * 100:.0f} points or more"
        return f"confidence of {which}: {answer.confidence:.1%}{skipped}"
    return f"confidence that its good neighbour is good: {answer.confidence:.1%}{skipped}"


def _line(step: Step, *, keys: bool) -> str:
    return " ".join(
        filter(None, (f"{step.side:4}", _short(step), step.date, step.subject, f"[{_shows(step, keys=keys)}]"))
    )


def _shows(step: Step, *, keys: bool) -> str:
    shown = [(count, short_words(key) or MEANING[Status.PASS], f" [{key}]" * keys) for key, count in step.keys.items()]
    runs = "; ".join(f"{count} x {words}{key}" for count, words, key in shown)
    return "; ".join(filter(None, (f"{step.status}: {runs}" if runs else step.status, step.reason)))


def _short(step: Step) -> str:
    return _cut(step.name)


def _cut(name: str) -> str:
    """Return the usual short form of a commit id; a version is unchanged."""
    return name[:12]

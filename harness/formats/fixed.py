"""Text of the answer of `fixed`: the best release, then each failure with the releases that fixed it and broke it."""

from __future__ import annotations

from ..answers.fixed.answer import Failure, FixedAnswer
from ..answers.fixed.best import Best
from ..answers.release_line.line_history import Event, LineHistory, settled
from ..cells.commands import command
from ..verdict.words import Status
from .format import Format, Writers
from .wrapped import SCREEN, shortened, wrapped

_VERBS = {"fixed": "fixed", "broken": "broken", "broken again": "back"}
_IN_DOUBT = "`?`: chance, or other packages, may explain that change."


def render(answer: FixedAnswer, wanted: Format, *, everything: bool = False) -> str:
    """Return the answer in one of the formats, without a line end; `everything` is for text."""
    return to_text(answer, everything=everything) if wanted is Format.TEXT else WRITERS.write(answer, wanted)


def to_text(answer: FixedAnswer, *, everything: bool = False) -> str:
    """Return the text: at most one screen, or each failure on each line."""
    head, foot = [*_verdict(answer), *_described(answer)], _foot(answer, everything=everything)
    blocks = [_block(failure, everything=everything) for failure in answer.failures]
    return "\n".join([*head, *_fitting(answer, blocks, SCREEN - len(head) - len(foot), everything=everything), *foot])


def _fitting(answer: FixedAnswer, blocks: list[list[str]], room: int, *, everything: bool) -> list[str]:
    """Return the blocks that fit, and the names of the others."""
    number = len(blocks)
    while not everything and _lines(answer, blocks, number) > room and number > 1:
        number -= 1
    return [*(line for block in blocks[:number] for line in block), *_rest(answer, number)]


def _lines(answer: FixedAnswer, blocks: list[list[str]], number: int) -> int:
    return sum(map(len, blocks[:number])) + len(_rest(answer, number))


def _rest(answer: FixedAnswer, number: int) -> list[str]:
    names = [failure.scenario for failure in answer.failures[number:]]
    return wrapped(f"{len(names)} more: {', '.join(names)} (--all)", "    ")[:3] if names else []


def _verdict(answer: FixedAnswer) -> list[str]:
    best, same = answer.best, answer.same_client
    if not answer.failures:
        return [f"{answer.thread}: poolgate has no scenario that shows what it describes."]
    if best is None:
        return [f"{answer.thread}: nothing is stored about what it describes."]
    which = "best today is" if best.passes else "no newest release is without it;"
    lines = wrapped(f"{answer.thread}: {which} {best.target}: {_state(best)}.")
    return lines if same is None or same == best else [*lines, *wrapped(f"Same client: {same.target}: {_state(same)}.")]


def _state(best: Best) -> str:
    """Return what passes on a target, what fails, and what is not judged."""
    known = len(best.passes) + len(best.fails)
    if known == 1:
        parts = ["it passes" if best.passes else "it fails"]
    else:
        parts = [f"{len(best.passes)} of {known} scenarios pass", f"fails {', '.join(best.fails)}" * bool(best.fails)]
    parts += [f"not judged: {', '.join(best.not_judged)}" if best.not_judged else ""]
    parts += ["" if best.newest else "no newer release is judged"]
    return "; ".join(filter(None, parts))


def _described(answer: FixedAnswer) -> list[str]:
    """Return what the claims about the thread state, with their verdicts, and why some can't be tested."""
    lines = []
    for each in answer.descriptions:
        reason = f": {each.untestable}" if each.untestable else ""
        since = f" by {each.release}" if each.release else ""
        lines += wrapped(f'{each.id}: "{each.claim}"{since}: {each.verdict or "not measured"}{reason}')
    return lines


def _block(failure: Failure, *, everything: bool) -> list[str]:
    axis = f" (only: {failure.axis})" if failure.axis else ""
    title = f"{failure.scenario}{axis}: {failure.requirement}"
    if everything:
        details = [line for each in failure.lines for line in _details(each)]
        return ["", *wrapped(title), *(details or ["  never measured"])]
    return [shortened(title), *wrapped(_summary(failure), "  ", "  ")]


def _summary(failure: Failure) -> str:
    """Return one sentence for all lines; those that never failed, or always, are named together."""
    if not failure.lines:
        return "never measured."
    always = [each for each in failure.lines if each.judged and not each.events and each.failing]
    never = [each for each in failure.lines if each.judged and not each.failing]
    others = [each for each in failure.lines if each not in (*always, *never)]
    parts = [_offer(each) for each in failure.lines if failure.axis == "offered" and "unsupported" in each.not_judged]
    parts += [_history(each) for each in others]
    parts += [f"fails wherever it is judged: {', '.join(map(_named, always))}"] if always else []
    parts += [f"never failed: {', '.join(map(_named, never))}"] if never else []
    return f"{'; '.join(parts)}."


def _offer(line: LineHistory) -> str:
    """Return which releases lack what a scenario needs, and the first that was judged with it."""
    return f"{line.line} does not offer it in {', '.join(line.not_judged['unsupported'])}, and does in {line.first}"


def _named(line: LineHistory) -> str:
    """Return the name of a line, and what is not judged where that is more than half, or the newest release."""
    if line.judged * 2 < line.releases:
        return f"{line.line} ({line.judged} of {line.releases} judged)"
    return line.line if line.last == line.newest else f"{line.line} (judged up to {line.last})"


def _history(line: LineHistory) -> str:
    if not line.judged:
        return f"{line.line} not judged ({', '.join(line.not_judged)})"
    events, doubtful = settled(line.events)
    words = [*map(_event, events)]
    if line.status is not Status.PASS:
        words.append(f"fails in {line.last}")
    elif not events or events[-1].kind != "fixed":
        words.append(f"passes in {line.last}")
    doubt = f" (in doubt: {', '.join(doubtful)})" if doubtful else ""
    return f"{_named(line)} {', '.join(words)}{doubt}"


def _event(event: Event) -> str:
    doubt = "?" if event.doubt else ""
    verb = _VERBS[event.kind]
    return (
        f"{verb} in {event.release}{doubt}"
        if event.adjacent
        else f"{verb} after {event.previous}, by {event.release}{doubt}"
    )


def _details(line: LineHistory) -> list[str]:
    """Return one line of releases with all that is known about it."""
    parts = [_history(line)]
    parts += [f"in {line.last}: {line.does}"] if line.status is not Status.PASS and line.does else []
    parts += [f"failing: {', '.join(line.failing)}"] if line.failing else []
    parts += [f"judged: {line.judged} of {line.releases}"]
    parts += [f"{reason}: {', '.join(ranges)}" for reason, ranges in line.not_judged.items()]
    parts += [f"{line.stale} stale"] if line.stale else []
    return [*wrapped("; ".join(parts), "    ", "  "), f"    {line.command}"]


def _foot(answer: FixedAnswer, *, everything: bool) -> list[str]:
    doubts = any(
        each.doubt for failure in answer.failures for line in failure.lines for each in settled(line.events)[0]
    )
    lines = [_IN_DOUBT] if doubts else []
    if answer.failures:
        lines += [f"details: {command('fixed', answer.thread, '--all')}"] if not everything else []
        lines += [f"measure: {command('verify', answer.thread)}"] if answer.descriptions else []
        lines += [f"what else concerns it: {command('affected', answer.best.target)}"] if answer.best else []
    return lines


WRITERS = Writers[FixedAnswer](text=to_text)

"""Text and Markdown of the answer of `workarounds`."""

from __future__ import annotations

from collections import defaultdict
from functools import partial

from ..answers.workarounds.answer import RemedySummary, WorkaroundsAnswer
from ..answers.workarounds.remedies import TriedRemedy
from ..cells.cell import variant_name
from ..scenarios.declaration.scenario import REMEDY
from ..verdict.compare import FAILING, JUDGED
from ..verdict.key_words import in_words
from ..verdict.outcome import name_of
from .format import Format, Writers
from .markdown import escape
from .wrapped import wrapped

_ALONE = {"in part": "helps in part", "not": "does not help", "worse": "makes it worse"}
_HEADER = ("scenario", "remedy", "", "measured", "load without", "load with", "when not", "again")


def render(answer: WorkaroundsAnswer, wanted: Format, *, everything: bool = False, keys: bool = False) -> str:
    """Return the answer in one of the formats, without a line end; text has `everything` or one line a remedy."""
    return writers(everything=everything or keys, keys=keys).write(answer, wanted)


def writers(*, everything: bool = False, keys: bool = False) -> Writers[WorkaroundsAnswer]:
    """Return the writers of the answer, by format."""
    text = partial(to_text, everything=everything, keys=keys)
    return Writers[WorkaroundsAnswer](text=text, markdown=partial(_markdown, keys=keys))


def to_text(answer: WorkaroundsAnswer, *, everything: bool = False, keys: bool = False) -> str:
    """Return one line for each remedy; with `everything` also what was measured against each scenario."""
    details = [line for each in answer.tried for line in ("", _lines(each, keys=keys))] if everything else []
    return "\n".join([_head(answer), *map(_remedy, answer.remedies), *_left_out(answer), *details])


def _remedy(each: RemedySummary) -> str:
    """Return what a remedy does, its measured costs, and when not to use it, in one line."""
    costs = f"costs: {'; '.join(each.costs)}; " if each.costs else ""
    return f"  {_effect(each)}: {each.remedy} ({each.what}); {costs}not: {each.when_not}"


def _effect(each: RemedySummary) -> str:
    """Return against how many of the judged scenarios a remedy helps, and against which it does not."""
    against = {"in part": each.in_part, "not": each.does_not_help, "worse": each.makes_it_worse}
    found = {word: names for word, names in against.items() if names}
    judged = len(each.helps) + sum(map(len, found.values()))
    if not judged:
        return "not judged"
    if not each.helps and len(found) == 1:
        return _ALONE[next(iter(found))]
    others = "; ".join(f"{word} {', '.join(names)}" for word, names in found.items())
    return f"helps against {len(each.helps)} of {judged} ({others})" if found else "helps"


def _left_out(answer: WorkaroundsAnswer) -> list[str]:
    """Return what the budget left out: the remedies, grouped by the scenarios that they were not tried on."""
    if not answer.left_out or answer.budget is None:
        return []
    scenarios: defaultdict[str, list[str]] = defaultdict(list)
    for name in answer.left_out:
        scenario, remedy = _parts(name, answer.target)
        scenarios[remedy].append(scenario)
    remedies: defaultdict[str, list[str]] = defaultdict(list)
    for remedy, names in scenarios.items():
        remedies[", ".join(names)].append(remedy)
    listed = "; ".join(f"{', '.join(found)} against {where}" for where, found in remedies.items())
    return wrapped(f"Left out by the budget of {answer.budget:g} s: {listed}.", "  ")


def _parts(name: str, asked: str) -> tuple[str, str]:
    """Return the scenario variant of a cell without its remedy, and the remedy: a variant, or another target."""
    scenario, _, target = name.partition("@")
    words = [part for part in scenario.rstrip("]").partition("[")[2].split(",") if part]
    variant = dict(word.split("=", 1) for word in words)
    remedy = variant.pop(REMEDY, "any remedy" if target == asked else target)
    return variant_name(scenario.partition("[")[0], variant), remedy


def _lines(tried: TriedRemedy, *, keys: bool) -> str:
    scenario, remedy, helps, measured, without, figures, caution, command = _row(tried, keys=keys)
    loads = f"without it {without}; with it {figures}" + (f"; a correct pool {tried.due}" if tried.due else "")
    lines = [
        f"{scenario}: {remedy}: {helps.upper()}",
        f"  measured  {measured}",
        f"  load      {loads}",
        f"  when not  {caution}",
        f"  again     {command}",
    ]
    return "\n".join(lines)


def _markdown(answer: WorkaroundsAnswer, *, keys: bool) -> str:
    rows = [_HEADER, ("---",) * len(_HEADER), *(tuple(map(escape, _row(tried, keys=keys))) for tried in answer.tried)]
    table = "\n".join(f"| {' | '.join(row)} |" for row in rows)
    return "\n\n".join([escape(_head(answer)), *([table] if answer.tried else []), *map(escape, _left_out(answer))])


def _head(answer: WorkaroundsAnswer) -> str:
    python = f" on Python {answer.python}" if answer.python else ""
    target, ends = f"{answer.target}{python}", f" with {answer.symptom}" if answer.symptom else ""
    judged = [cell for cell in answer.cells if cell.status in JUDGED]
    failing = list(dict.fromkeys(name_of(cell) for cell in answer.cells if cell.status in FAILING))
    if answer.cells and not judged:
        reasons = "; ".join(dict.fromkeys(cell.reason or cell.status for cell in answer.cells))
        return f"{target}: nothing could be judged: {reasons}"
    if not failing:
        return f"{target}: nothing fails{ends}, so there is nothing to work around."
    found = "1 scenario fails" if len(failing) == 1 else f"{len(failing)} scenarios fail"
    return "\n".join(wrapped(f"{target}: {found}{ends}: {', '.join(failing)}.", "  "))


def _row(tried: TriedRemedy, *, keys: bool) -> tuple[str, ...]:
    loads = (str(figures or "not here") for figures in (tried.without, tried.figures))
    remedy = f"{tried.remedy} ({tried.what})"
    return (
        tried.scenario,
        remedy,
        tried.helps,
        in_words(tried.measured, keys=keys),
        *loads,
        tried.caution,
        tried.command,
    )


WRITERS = writers()

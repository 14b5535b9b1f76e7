"""The text of `affected`: the verdict, where to go, at most five groups, and how much was judged, on one screen."""

from __future__ import annotations

from collections.abc import Iterator

from ..answers.affected.answer import AffectedAnswer, ClientAnswer
from ..answers.affected.destination import Destination
from ..answers.affected.finding import Finding
from ..answers.affected.grouping import GroupSummary
from ..answers.affected.package_set import spec_of
from ..answers.reach.answer import CodeReach
from ..cells.commands import command, repro_command
from ..cells.groups import OPTIONAL, TRIGGER, Group
from ..cells.variants import load_variants
from ..verdict.words import Freshness
from .wrapped import wrapped

SCREEN = 24
"""Lines of the text without `--all`."""
GROUPS = 5
"""Groups in the text without `--all`."""

_Block = tuple[int, list[str]]
"""The number of findings of a group, and its lines."""


def short_text(answer: AffectedAnswer) -> str:
    """Return the answer on one screen."""
    ordered = _ordered(answer)
    first, others = ordered[:1], ordered[1:]
    lines = [line for client in first for line in _client_lines(client)]
    lines += [line for client in others for line in _client_lines(client, brief=len(others) > 1)]
    below = [line for text in _coverage(answer) for line in wrapped(text)]
    below += _commands(answer)
    room = SCREEN - len(lines) - len(below) - bool(answer.remarks)
    notes = [wrapped(f"note: {remark}") for remark in answer.remarks]
    return "\n".join(_fitting([*lines, *_grouped(answer, room), *below], notes))


def full_text(answer: AffectedAnswer, *, keys: bool) -> str:
    """Return the answer with every finding, the commands that measure them, and every note."""
    lines = [line for client in _ordered(answer) for line in _client_lines(client)]
    lines += _coverage(answer)
    for finding in answer.findings:
        lines += [title(finding, keys=keys), *(f"    {line}" for line in details(finding))]
    for accepted in answer.accepted:
        deviation = accepted.deviation
        lines.append(f"accepted until {deviation.expires}: {accepted.finding.scenario}: {deviation.reason}")
    return "\n".join([*lines, *(f"note: {remark}" for remark in answer.remarks)])


def title(finding: Finding, *, keys: bool = False) -> str:
    """Return a finding with its state and its meaning; with its key where it is asked for."""
    marks = [finding.freshness.value] if finding.freshness is not Freshness.SAME else []
    marks += [f"inferred from {finding.inferred}"] if finding.inferred else []
    marks += ["your own ledger"] if finding.own else []
    state = f" ({', '.join(marks)})" if marks else ""
    key = f" [{finding.key}]" if keys and finding.key else ""
    return f"{finding.status.upper()}{state} {finding.scenario}: {finding.consequence}{key}"


def details(finding: Finding) -> list[str]:
    """Return where a finding is reached, its nearest clean release, what it was measured with, and its command."""
    return [
        *([_reach(finding)] if finding.reach else []),
        f"nearest clean: {finding.nearest_clean or 'none in the stored verdicts'}",
        f"measured with {spec_of(finding.measured_on)} on Python {finding.python}",
        f"measure it here: {finding.command}",
    ]


def destination_line(destination: Destination, *, lead: str = "go to", pins: bool = True) -> str:
    """Return where to go, what it clears and adds, and with `pins` which of them change."""
    adds = f"adds {destination.adds}" if destination.adds else "adds none"
    counts = f"clears {destination.clears} of {destination.of} findings, {adds}"
    return f"{lead} {destination.target}: {counts}{f'; {_pins(destination)}' if pins else ''}"


def _pins(destination: Destination) -> str:
    before = [f"{name} {pin[0]}" for name, pin in destination.pins.items() if pin[1] is None]
    after = [f"{name} {pin[1]}" for name, pin in destination.pins.items() if pin[0] is None]
    changed = [f"{name} {pin[0]} -> {pin[1]}" for name, pin in destination.pins.items() if None not in pin]
    replaced = [f"replaces {' and '.join(before)} by {' and '.join(after)}"] if before and after else []
    replaced += [f"adds {' and '.join(after)}"] if after and not before else []
    return "; ".join([*replaced, *([f"changes {', '.join(changed)}"] if changed else [])])


def _ordered(answer: AffectedAnswer) -> list[ClientAnswer]:
    """Return the clients, the one whose verdict leads first."""
    return sorted(answer.clients, key=lambda client: client.verdict != answer.verdict)


def _client_lines(client: ClientAnswer, *, brief: bool = False) -> Iterator[str]:
    """Yield the verdict on a client and where to go; without its pins and the smallest step if `brief`."""
    by = f" (required by {', '.join(client.required_by[:5])})" if client.required_by else ""
    yield from wrapped(client.verdict + by)
    if client.destination:
        yield from wrapped(destination_line(client.destination, pins=not brief))
    elif client.affected and client.candidates:
        others = _counted(client.candidates, "other target")
        yield from wrapped(f"stay: none of {others} that are judged on all findings clears more than it adds")
    elif client.affected:
        yield from wrapped("go to: not known, because no other target is judged on all findings")
    step = client.smallest_step
    if brief:
        return
    if step and step != client.destination:
        yield from wrapped(destination_line(step, lead=f"or stay with {client.client}:"))
    elif client.destination and not step:
        yield f"or stay with {client.client}: no newer pins of it are known to be better"


def _grouped(answer: AffectedAnswer, room: int) -> Iterator[str]:
    """Yield the number of findings, and as many of their groups as there is room for.

    Groups that the program may not be able to meet come last.
    """
    if not answer.findings:
        return
    yield f"{_counted(len(answer.findings), 'finding')}, by what a program does to meet them:"
    pairs = [(group, each) for group, summaries in answer.groups.items() for each in summaries]
    pairs.sort(key=lambda pair: (pair[1].conditional, pair[1].reach is not None and not pair[1].reach.seen))
    blocks = [(each.findings, _group(group, each, several=len(answer.clients) > 1)) for group, each in pairs]
    blocks += [(1, _undeclared(finding)) for finding in answer.findings if finding.group is None]
    shown, left = _first(blocks, room - 1)
    yield from (line for _, lines in shown for line in lines)
    if left:
        yield f"{sum(findings for findings, _ in left):>5} in {_counted(len(left), 'more group')}"


def _first(blocks: list[_Block], room: int) -> tuple[list[_Block], list[_Block]]:
    """Return the blocks that fit into a number of lines, with a line for the others, and these others."""
    for shown in range(min(GROUPS, len(blocks)), 0, -1):
        if sum(len(lines) for _, lines in blocks[:shown]) + (shown < len(blocks)) <= room:
            return blocks[:shown], blocks[shown:]
    return [], blocks


def _undeclared(finding: Finding) -> list[str]:
    return wrapped(f"    1 {finding.scenario}: no scenario of this poolgate; its verdict is kept", "      ")


def _group(group: Group, each: GroupSummary, *, several: bool) -> list[str]:
    client = f"{each.client}: " if several else ""
    needs = f" (needs {each.needs})" if each.needs else ""
    where = wrapped(f"      {_places(each)}", "      ") if each.reach else []
    return [*wrapped(f"{each.findings:>5} {client}{TRIGGER[group]}{needs}: they {each.effect}", "      "), *where]


def _places(each: GroupSummary) -> str:
    reach = each.reach
    assert reach is not None
    if reach.seen:
        more = f" and {len(reach.places) - 3} more places" if len(reach.places) > 3 else ""
        return f"at {', '.join(reach.places[:3])}{more}"
    if reach.depends:
        return f"depends on {reach.why}"
    return "not seen in the code" if reach.known else f"unknown in the code: {reach.why}"


def _reach(finding: Finding) -> str:
    reach = finding.reach
    assert reach is not None
    if reach.seen:
        return f"in the code: {', '.join(reach.places)}"
    if reach.depends:
        return f"in the code: depends on {reach.why}"
    return "in the code: not seen" if reach.known else f"in the code: unknown, {reach.why}"


def _coverage(answer: AffectedAnswer) -> Iterator[str]:
    """Yield how much was judged, and what was left out."""
    several = len(answer.clients) > 1
    for client in answer.clients:
        inferred = f", {_counted(client.inferred, 'verdict')} inferred" if client.inferred else ""
        yield f"{f'{client.client}: ' if several else ''}{client.coverage}{inferred}"
    if answer.absent:
        packages = _any_of([name for name in OPTIONAL.values() if name in answer.absent])
        yield f"{sum(answer.absent.values())} more with {packages} installed"
    if answer.own:
        yield f"{_counted(answer.own, 'verdict')} from your own ledger"
    if answer.accepted:
        yield f"{_counted(len(answer.accepted), 'finding')} accepted"
    if answer.code:
        yield from _code(answer.code)
    for deviation in answer.expired[:1]:
        yield f"accepted until {deviation.expires} only: {deviation.scenario}, {deviation.target}"
    if more := len(answer.expired[1:]):
        yield f"{_counted(more, 'more acceptance')} expired"


def _code(code: CodeReach) -> Iterator[str]:
    """Yield how much of the source was read."""
    unread = f", {_counted(len(code.unread), 'file')} could not be read: --all" if code.unread else ""
    yield f"read {_counted(code.files, 'file')} of {code.path}{unread}"


def _any_of(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} or {names[-1]}"


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


def _commands(answer: AffectedAnswer) -> list[str]:
    """Return the commands that show one finding: one that the verdict is about, in a program rather than in a sweep."""
    if not answer.findings:
        return []
    of_verdict = [one for one in answer.findings if answer.verdict.endswith(one.effect)] or answer.findings
    sweeps = load_variants().sweeps
    first = min(of_verdict, key=lambda one: one.scenario.partition("[")[0] in sweeps)
    return [
        "every finding: --all; to see one and to prove it:",
        f"  {command('explain', f'{first.scenario}@{answer.target}')}",
        f"  {repro_command(first.scenario, answer.target)}",
    ]


def _fitting(lines: list[str], notes: list[list[str]]) -> list[str]:
    """Return lines and as many whole notes as the screen has room for; the number of the others is printed."""
    if len(lines) + sum(map(len, notes)) <= SCREEN:
        return [*lines, *(line for note in notes for line in note)]
    left = 0
    for note in notes:
        if len(lines) + len(note) < SCREEN:
            lines = [*lines, *note]
        else:
            left += 1
    return [*lines, f"{left} more note{'' if left == 1 else 's'}: --all"]

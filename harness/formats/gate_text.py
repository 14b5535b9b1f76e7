"""The text of `gate`: the decision and its reason first, then what to do, then what stands behind it by trigger."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from ..answers.gate.answer import Compared, Destination, Fix, GateAnswer, NotExercised
from ..answers.gate.families import Family, Relation
from ..catalogue.packages import PACKAGES
from ..cells.commands import command
from ..cells.groups import TRIGGER, Group, group_of
from ..verdict.compare import JUDGED
from ..verdict.outcome import CellResult
from ..verdict.words import After, Burst, Status
from .wrapped import SCREEN, wrapped

STAY = "stay with the base: no newer pins are known to be better; --min-fix measures some"
"""What to do where the ledgers have no destination."""

_COMMANDS = ("do: measure it: ", "prove it: ")
"""Starts of lines that are commands."""
MOST_GROUPS = 5
"""Trigger groups in the short text; fewer where they do not fit."""
MOST_CELLS = 2
"""Cells of a group in the short text."""
MOST_REASONS = 3
"""Reasons for what was not exercised, and remarks, in the short text."""

_DOES: dict[Burst | After, str] = {
    Burst.CRASHES: "crashes the interpreter",
    After.DEAD: "loses every slot",
    After.LEAKS: "loses slots",
    Burst.HANGS: "leaves requests hanging",
    Burst.POOL_TIMEOUT: "raises PoolTimeout where a correct pool serves",
    Burst.UNFAIR: "raises PoolTimeout out of turn",
    Burst.MISSING_TIMEOUT: "raises PoolTimeout late or never",
    Burst.ERROR: "fails requests that a correct pool serves",
    Burst.OVER_LIMIT: "exceeds its limit of connections",
    After.LATE: "frees its slots late",
    Burst.CHURNS: "opens more connections than it needs",
    Burst.OVER_KEPT: "keeps more connections open than it may",
    Burst.SUPER_LINEAR: "takes more processor time the more requests wait",
}
"""What a pool does that differs from a correct one, the most severe first."""

_ORDER = list(_DOES)


def _worst_word(cell: CellResult) -> int:
    """Return the rank of the most severe thing that a failing cell does; the lower, the more severe."""
    return min((_ORDER.index(word) for word in (cell.burst, cell.after) if word in _DOES), default=len(_ORDER))


def does(cell: CellResult) -> str:
    """Return what the pool of a cell does, as a verb with its rate and without its key."""
    if cell.status is Status.PASS:
        return "behaves as a correct pool"
    if cell.status not in JUDGED:
        return f"is {cell.status} ({cell.reason or 'no reason was given'})"
    rank = _worst_word(cell)
    words = _DOES[_ORDER[rank]] if rank < len(_ORDER) else "differs from a correct pool"
    return f"{words} in {cell.rate.failed} of {cell.rate.runs} runs" if cell.rate else words


def named(packages: dict[str, str], client: str) -> str:
    """Return a client with its version."""
    return f"{client} {packages[client]}" if client in packages else client


def decision(answer: GateAnswer) -> str:
    """Return the first line: the decision, its reason, and the counts of what stands behind it."""
    if not answer.changed:
        return "no worse: no package that matters to the pool has changed"
    if answer.base.reason and answer.head.reason:
        return f"not compared: neither side can be installed; head: {answer.head.reason}"
    if answer.worse:
        first, more = _worst(answer)[0], len(answer.worse) - 1
        head = _head_of(first, answer)
        return f"worse: {head} {does(first.head)}{f', and {more} more' if more else ''} ({counts(answer)})"
    if suspects := [cell for cell in answer.unknown if cell.suspect]:
        first = suspects[0]
        return f"undecided: {_head_of(first, answer)} {does(first.head)}, which may be chance ({counts(answer)})"
    if unexercised := [family for family in answer.families if family.not_exercised and not family.exercised]:
        names = " and ".join(named(_own_side(family), family.client) for family in unexercised)
        return f"undecided: {names} {'was' if len(unexercised) == 1 else 'were'} not exercised ({counts(answer)})"
    if not any((answer.better, answer.same, answer.accepted, answer.unknown, answer.not_exercised)):
        return "no worse: no selected scenario uses a package that has changed"
    places = {"accepted": len(answer.accepted), "better": len(answer.better), "same": len(answer.same)}
    words = ", ".join(f"{number} {place}" for place, number in places.items() if number)
    return f"no worse: {words} ({counts(answer)})"


def _own_side(family: Family) -> dict[str, str]:
    """Return the packages of a family on the side that has it."""
    return family.base if family.relation is Relation.VANISHES else family.head


def counts(answer: GateAnswer) -> str:
    """Return how many cells come from evidence, were measured, and were not exercised."""
    parts = [f"{answer.from_evidence} from evidence", f"{answer.measured} measured"]
    return ", ".join([*parts, f"{len(answer.not_exercised)} not exercised"])


def advice(answer: GateAnswer) -> str | None:
    """Return the second line: what to do."""
    if answer.worse:
        return f"do: {'; '.join(_steps(answer)) or STAY}"
    unexercised = any(family.not_exercised and not family.exercised for family in answer.families)
    if unexercised or any(cell.suspect for cell in answer.unknown):
        return f"do: {_measure(answer)}"
    return None


def _steps(answer: GateAnswer) -> Iterator[str]:
    """Yield the smallest fixes where they were searched for, else the destinations."""
    if answer.fixes:
        yield from dict.fromkeys(fix_line(fix) for fix in answer.fixes)
        return
    yield from (destination_line(place) for place in answer.destinations)


def destination_line(place: Destination) -> str:
    """Return a destination as the change of its pins, and what it clears."""
    pins = " and ".join(f"{name} {after} (not {before})" for name, (before, after) in place.change.items())
    what = f"all {place.of}" if place.of > 1 else "it"
    if place.whole:
        return f"take {pins}: clears {what} by stored verdicts"
    adds = f" and adds {place.adds}" if place.adds else ""
    return f"stay with the base, or take {pins}: clears {place.clears} of {place.of}{adds}"


def fix_line(fix: Fix) -> str:
    """Return the smallest fix of a finding in words."""
    if fix.target is None:
        return f"stay with the base: no newer pins clear {fix.scenario} ({fix.tried} tried)"
    return f"{', '.join(changes(fix.change))} clears {fix.scenario}"


def _measure(answer: GateAnswer) -> str:
    own = ["--client", answer.client] if answer.client else []
    sides = ["--base", answer.base.spec, "--head", answer.head.spec]
    return f"measure it: {command('gate', *sides, *own, '--budget', '1800')}"


def compared_line(answer: GateAnswer) -> str:
    """Return what is compared with what, through which factory."""
    through = f", through {answer.client}" if answer.client else ""
    return f"compared: {answer.base.spec} with {answer.head.spec}{through}"


def text_of(answer: GateAnswer) -> str:
    """Return the short text: at most `SCREEN` lines."""
    groups = MOST_GROUPS
    while len(lines := _lines(answer, groups)) > SCREEN and groups > 1:
        groups -= 1
    return "\n".join(lines)


def _lines(answer: GateAnswer, groups: int) -> list[str]:
    lines = [decision(answer), advice(answer), compared_line(answer)]
    if answer.changed:
        lines += [*family_lines(answer), *_companions(answer), *_groups(answer, groups)]
        lines += [*_others(answer), *_left(answer)]
    lines += _last(answer)
    first, *others = (line for line in lines if line)
    return [first, *(part for line in others for part in _wrapped(line))]


def _wrapped(line: str) -> list[str]:
    """Return the lines of a paragraph; a command stays on one line, to be copied, and so does the first line."""
    if line.startswith(_COMMANDS):
        return [line]
    indent = line[: len(line) - len(line.lstrip())]
    return wrapped(line.lstrip(), indent=f"{indent}    ", first=indent)


def _companions(answer: GateAnswer) -> Iterator[str]:
    """Yield what changes of the packages that clients and pools use, and the Python."""
    others = {name: versions for name, versions in answer.changed.items() if name not in PACKAGES}
    if others:
        yield f"also changed: {', '.join(changes(others))}"


def changes(changed: dict[str, list[str | None]]) -> list[str]:
    """Return each change of a version in words."""
    return [f"{name} {base or 'none'} to {head or 'none'}" for name, (base, head) in changed.items()]


def family_lines(answer: GateAnswer) -> Iterator[str]:
    """Yield a line for each family."""
    yield from (family_line(family, answer) for family in answer.families)


def family_line(family: Family, answer: GateAnswer) -> str:
    """Return what happens to a family, what requires it, and how its cells compare."""
    base = " with ".join(f"{name} {version}" for name, version in family.base.items())
    head = " with ".join(f"{name} {version}" for name, version in family.head.items())
    by = f", required by {', '.join(family.required_by)}" if family.required_by else ""
    match family.relation:
        case Relation.UNCHANGED:
            return f"{named(family.head, family.client)}: unchanged{by}"
        case Relation.CHANGED:
            what = head if base == head else f"{base} becomes {head}"
        case Relation.APPEARS:
            what = f"{head} is new{by}; compared with {base}"
        case Relation.REPLACES:
            what = f"{head} replaces {base}{by}"
        case Relation.VANISHES:
            what = f"{base} is gone; compared with {head}"
    return f"{what}: {_tally(family)}"


def _tally(family: Family) -> str:
    places = {"worse": family.worse, "accepted": family.accepted, "better": family.better, "same": family.same}
    words = [f"{number} {place}" for place, number in places.items() if number]
    if family.not_exercised:
        words.append(f"{family.not_exercised} not exercised")
    return ", ".join(words) or "nothing selected uses it"


def _groups(answer: GateAnswer, most: int) -> Iterator[str]:
    """Yield what is worse, by what a program must do to meet it, in so many groups."""
    groups = by_group(_worst(answer))
    for group, cells in list(groups.items())[:most]:
        yield f"when {TRIGGER[group]}:" if group else "otherwise:"
        yield from (f"  {cell_line(cell, answer)}" for cell in cells[:MOST_CELLS])
        if len(cells) > MOST_CELLS:
            yield f"  and {len(cells) - MOST_CELLS} more (--all)"
    if (left := len(groups) - most) > 0:
        yield f"and in {left} more situation{'s' if left > 1 else ''} (--all)"


def by_group(cells: list[Compared]) -> dict[Group | None, list[Compared]]:
    """Return cells by their trigger, in the order of the groups."""
    found: defaultdict[Group | None, list[Compared]] = defaultdict(list)
    for cell in cells:
        found[group_of(cell.head.scenario, cell.head.variant)].append(cell)
    order = [*Group, None]
    return {group: found[group] for group in order if group in found}


def cell_line(cell: Compared, answer: GateAnswer) -> str:
    """Return what a pool does that its base does not do, or does less, with the scenario that shows it."""
    name = "" if len(answer.families) < 2 else f"{cell.client} "
    before = "" if cell.base.status is Status.PASS else "; base too, in fewer ways or less often"
    return f"{name}{does(cell.head)} ({cell.scenario}){before}"


def _others(answer: GateAnswer) -> Iterator[str]:
    for each in answer.accepted:
        yield f"accepted until {each.deviation.expires}: {each.cell.scenario} ({each.deviation.reason})"
    for deviation in answer.expired:
        yield f"acceptance has expired ({deviation.expires}): {deviation.scenario}"
    for deviation in answer.unneeded:
        yield f"acceptance is no longer needed: {deviation.scenario}"
    if answer.better and answer.worse:
        yield f"better: {_names(answer.better)}"


def _left(answer: GateAnswer) -> Iterator[str]:
    """Yield what was not exercised, by its reason."""
    reasons: defaultdict[str, list[NotExercised]] = defaultdict(list)
    for cell in answer.not_exercised:
        reasons[cell.reason].append(cell)
    ordered = sorted(reasons.items(), key=lambda item: -len(item[1]))
    yield from (f"not exercised: {_names(cells)}: {reason}" for reason, cells in ordered[:MOST_REASONS])
    if rest := sum(len(cells) for _, cells in ordered[MOST_REASONS:]):
        yield f"not exercised: {rest} more, for other reasons (--all)"


def _names(cells: list[Compared] | list[NotExercised]) -> str:
    names = list(dict.fromkeys(cell.scenario for cell in cells))
    return f"{len(cells)} ({', '.join(names[:2])}{', ...' if len(names) > 2 else ''})"


def _last(answer: GateAnswer) -> Iterator[str]:
    yield from (f"note: {remark}" for remark in answer.remarks[:MOST_REASONS])
    if answer.surface:
        yield f"public API: {len(answer.surface)} change{'s' if len(answer.surface) > 1 else ''} (--all)"
    if answer.worse:
        yield f"prove it: {_worst(answer)[0].head.replay}"


def _worst(answer: GateAnswer) -> list[Compared]:
    """Return what is worse: what decides first, then the surest."""

    def order(cell: Compared) -> tuple[bool, bool, int, bool]:
        return not cell.decides, cell.base.status is not Status.PASS, _worst_word(cell.head), bool(cell.head.variant)

    return sorted(answer.worse, key=order)


def _head_of(cell: Compared, answer: GateAnswer) -> str:
    family = next((family for family in answer.families if family.client == cell.client), None)
    packages = family.head if family else cell.head.packages
    return " with ".join(f"{name} {version}" for name, version in packages.items()) or cell.head.target

"""`python -m poolgate.maintenance.reach_table` writes results/REACH.md: how well `--code` reads the labelled programs.

A program is a file or folder below `tests/data/code`. The comment `#: GROUP...` at the end of a line says that the
group is reached there; `#: unknown GROUP...` on a line of its own says that the source does not decide the group.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from dataclasses import replace

import msgspec

from ..answers.reach.answer import CodeReach, GroupReach, Reach
from ..cells.groups import Group
from ..ledger.instruments import SHIPPED
from .held_out import recorded
from .labelled import Judged, judged, programs
from .real_programs import section

PAGE = SHIPPED / "REACH.md"

_HEAD = """\
# How well the source of a program is read

`poolgate affected --code PATH` says for each trigger group whether a program reaches it: `reached` with its lines,
`unknown`, or `not seen`. This page compares it with {programs} small programs in `tests/data/code`, whose labels were
written by hand. `make reach-table` writes this page; `tests/answers/test_reach_corpus.py` compares it.

The reading was corrected until it agreed with most labels, so these figures are an upper bound; the next section has
programs as they were read at first.

- precision: of the programs where a group is called reached, how many reach it;
- recall: of the programs that reach a group, for how many it is called reached;
- admitted: programs that reach a group which is called unknown; missed: programs that reach a group, or leave it
  undecided, though it is called not seen: none may be;
- depends: programs where something outside of the code decides: variables of the environment, or the server;
- undecided: programs that do not reach a group, or whose source does not decide it, and where it is called unknown;
- lines: precision and recall of the lines, over all programs.

"""
_COLUMNS = """\
| group | reached | precision | recall | admitted | missed | depends | undecided | lines precise | lines recalled |
| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |
"""
_HELD_OUT = """
## Programs that were labelled before they were read

The first answers about {programs} of these programs, each labelled before its first reading, and what was wrong in them
corrected afterwards. `python -m poolgate.maintenance.held_out` records such answers and never replaces them; here the
word `depends` did not exist yet, so that what the environment or the server decides counts as undecided.

They are: {names}.

"""


def page(known: Iterable[Judged]) -> str:
    """Return the text of results/REACH.md."""
    all_of = list(known)
    first = recorded()
    held = [replace(each, code=_first(each, first[each.name])) for each in all_of if each.name in first]
    return "".join(
        (
            _HEAD.format(programs=len(all_of)),
            _table(all_of),
            _HELD_OUT.format(programs=len(held), names=", ".join(f"`{each.name}`" for each in held)),
            _table(held),
            section(),
        )
    )


def _first(program: Judged, groups: dict[Group, GroupReach]) -> CodeReach:
    return msgspec.structs.replace(program.code, groups=groups)


def _table(known: list[Judged]) -> str:
    return _COLUMNS + "".join(f"| {' | '.join(row)} |\n" for row in _rows(known))


def _rows(known: list[Judged]) -> Iterator[list[str]]:
    for group in Group:
        reached = [each for each in known if group in each.label.lines]
        called = [each for each in known if each.code.groups[group].state is Reach.REACHED]
        right = [each for each in called if each in reached]
        states = [each.code.groups[group].state for each in reached]
        undecided = [each for each in known if each not in reached and each.code.groups[group].state is Reach.UNKNOWN]
        true = {line for each in known for line in each.label.lines.get(group, ())}
        said = {line for each in known for line in each.lines(group)}
        depends = [each for each in known if each.code.groups[group].state is Reach.DEPENDS]
        counts = (states.count(Reach.UNKNOWN), _unseen(known, group), len(depends), len(undecided))
        yield [
            group.value,
            str(len(reached)),
            _share(len(right), len(called)),
            _share(len(right), len(reached)),
            *map(str, counts),
            _share(len(true & said), len(said)),
            _share(len(true & said), len(true)),
        ]


def _unseen(known: list[Judged], group: Group) -> int:
    """Return how many programs reach a group, or leave it undecided, though it is called not seen."""
    admitted = [each for each in known if group in each.label.lines or group in each.label.unknown]
    return sum(each.code.groups[group].state is Reach.NOT_SEEN for each in admitted)


def _share(part: int, whole: int) -> str:
    return f"{part} of {whole}"


if __name__ == "__main__":
    PAGE.write_text(page(judged(program) for program in programs()))
    sys.stdout.write(f"{PAGE}\n")

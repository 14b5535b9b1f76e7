"""Labelled programs below `tests/data/code`, each with what is read from it.

The comment `#: GROUP...` at the end of a line says that the group is reached there; `#: unknown GROUP...` on a line of
its own says that the source does not decide the group.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path

from ..answers.reach.answer import CodeReach, Reach
from ..answers.reach.read import read_code
from ..cells.groups import Group
from .real_programs import FAMILIES

PROGRAMS = Path(__file__).resolve().parents[2] / "tests" / "data" / "code"
_MARK = re.compile(r"#: (unknown )?([a-z0-9 ]+)$")


@dataclass(frozen=True, slots=True)
class Label:
    """What a program reaches: the lines of each group, and the groups that its source does not decide."""

    lines: dict[Group, set[str]] = field(default_factory=dict)
    unknown: set[Group] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class Judged:
    """A labelled program and what was read from it."""

    name: str
    label: Label
    code: CodeReach

    def lines(self, group: Group) -> set[str]:
        """Return the lines where a group is called reached."""
        found = self.code.groups[group]
        return set(found.places) if found.state is Reach.REACHED else set()


def programs() -> list[Path]:
    """Return the labelled programs."""
    return sorted(path for path in PROGRAMS.iterdir() if path.is_dir() or path.suffix == ".py")


def label_of(program: Path) -> Label:
    """Return the label of a program; raises ValueError for a word that is not a group."""
    label = Label()
    for file in sorted(program.rglob("*.py")) if program.is_dir() else [program]:
        for number, line in enumerate(file.read_text().splitlines(), 1):
            mark = _MARK.search(line)
            for group in map(Group, mark[2].split()) if mark else ():
                if mark and mark[1]:
                    label.unknown.add(group)
                else:
                    label.lines.setdefault(group, set()).add(f"{file.relative_to(PROGRAMS).as_posix()}:{number}")
    return label


def judged(program: Path) -> Judged:
    """Return a program with its label and what is read from it, with places relative to the folder of programs."""
    code = read_code(program, FAMILIES)
    return Judged(program.stem, label_of(program), _relative(code))


def _relative(code: CodeReach) -> CodeReach:
    for group in code.groups.values():
        group.places[:] = [re.sub(r"^.*tests/data/code/", "", place) for place in group.places]
    return code

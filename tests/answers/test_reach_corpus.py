"""Small labelled programs: what they reach is never called "not seen", and what is called reached is reached.

`poolgate.maintenance.labelled` describes the labels. The page of precision and recall is the one that ships.
"""

from __future__ import annotations

from functools import cache

import pytest

from poolgate.answers.reach.answer import Reach
from poolgate.cells.groups import Group
from poolgate.maintenance.labelled import Judged, judged, programs
from poolgate.maintenance.reach_table import PAGE, page

NAMES = [program.stem for program in programs()]


@cache
def read() -> dict[str, Judged]:
    return {program.stem: judged(program) for program in programs()}


@pytest.mark.parametrize("name", NAMES)
def test_no_reached_or_undecided_group_is_called_not_seen(name: str) -> None:
    program = read()[name]
    admitted = {*program.label.lines, *program.label.unknown}
    assert [group for group in admitted if program.code.groups[group].state is Reach.NOT_SEEN] == []


@pytest.mark.parametrize("name", NAMES)
def test_a_group_that_is_called_reached_is_reached_at_each_of_its_lines(name: str) -> None:
    program = read()[name]
    for group in Group:
        if program.code.groups[group].state is Reach.REACHED:
            assert program.label.lines.get(group, set()) <= program.lines(group), group


@pytest.mark.parametrize("name", NAMES)
def test_no_group_is_called_reached_that_is_not(name: str) -> None:
    program = read()[name]
    called = {group for group in Group if program.code.groups[group].state is Reach.REACHED}
    assert called <= program.label.lines.keys()


def test_every_group_has_programs_that_reach_it_and_programs_that_do_not() -> None:
    for group in Group:
        reached = [program for program in read().values() if group in program.label.lines]
        assert 1 <= len(reached) < len(NAMES), group
    assert len(NAMES) >= 40


def test_every_answer_says_why() -> None:
    answers = [(program.name, answer) for program in read().values() for answer in program.code.groups.values()]
    assert [name for name, answer in answers if not answer.why] == []
    assert [name for name, answer in answers if answer.state is Reach.REACHED and not answer.places] == []


def test_the_shipped_page_is_that_of_the_programs() -> None:
    assert PAGE.read_text() == page(read().values()), "run `make reach-table`"

"""Shards: every cell is in exactly one, the same one everywhere."""

from __future__ import annotations

import pytest

from poolgate.cells.cell import Cell
from poolgate.cells.select import select
from poolgate.cells.shard import WHOLE, Shard, parse_shard
from poolgate.errors import UsageError
from poolgate.targets.parse import parse

CELLS = [Cell(*chosen, parse("httpx==0.28.1")) for chosen in select(["all[*]"])]


def test_each_cell_is_in_one_shard() -> None:
    for count in (1, 2, 3, 7):
        taking = [[shard for n in range(count) if (shard := Shard(n + 1, count)).takes(cell)] for cell in CELLS]
        assert {len(shards) for shards in taking} == {1}
    assert all(map(WHOLE.takes, CELLS))


def test_shards_are_of_about_equal_size() -> None:
    sizes = [sum(map(Shard(n, 4).takes, CELLS)) for n in range(1, 5)]
    assert min(sizes) > len(CELLS) / 8


def test_a_cell_stays_in_its_shard_whatever_else_is_selected() -> None:
    """The place is a property of the name: a fixed one shows that it does not depend on the process or its order."""
    (chosen,) = select(["gather-over-limit"])
    cell = Cell(*chosen, parse("httpx==0.28.1"))
    assert [str(Shard(n, 8)) for n in range(1, 9) if Shard(n, 8).takes(cell)] == ["4/8"]


@pytest.mark.parametrize("words", ["", "1", "0/3", "4/3", "1/0", "a/b", "1/3/2", "-1/3", "1/9999999"])
def test_a_shard_that_is_not_valid_is_refused(words: str) -> None:
    with pytest.raises(UsageError, match="is not a shard: name its number and their count, from 1/3 to 3/3 for three"):
        parse_shard(words)


def test_a_shard_is_written_as_it_is_read() -> None:
    assert str(parse_shard("2/3")) == "2/3"

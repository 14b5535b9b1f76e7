"""Measures two targets side by side, where chance decides a scenario variant: pairs of runs until a test decides.

A block is `PAIRS` pairs, one after another, in one thread; the two runs of a pair follow each other at once, in random
order, with the same unit of time, each in an interpreter of its own. If one of them is late, both are repeated with a
longer unit. The blocks of all cells that are not decided yet take turns, so that a cell meets as many conditions of the
machine as the time allows.
"""

from __future__ import annotations

import os
import random
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field

import msgspec

from ..cells.cell import Cell, variant_name
from ..environments.build import Environment, environment_for
from ..environments.uv import RegistryError, UninstallableError
from ..verdict.compare import MARGIN, Change, compare
from ..verdict.judgement import Judgement
from ..verdict.outcome import CellResult
from ..verdict.paired import FALSE_SAME, PairedTest, detectable
from ..verdict.rate import ENOUGH_BLOCKS
from ..verdict.summary import summary_of_blocks
from ..verdict.words import Status
from .cell import MeasurementContext, attempt, recorded_answer, without_environment
from .own_client import OwnClient, OwnClientError, client_for
from .retries import RetryPolicy

PAIRS = 3
"""Pairs of a block."""
BLOCKS_PER_CORE = 4
"""Blocks in parallel for each core at most: more interpreters that start together only make each other late."""
UNJUDGED = 3
"""Pairs that can't be judged, after which a cell is given up: each was tried with several units of time."""
NO_TIME = "there was no time for a pair of runs"
"""The reason of a side without a run."""
Runs = tuple[Judgement, Judgement]
"""The judgements of a pair, base first."""


class Comparison(msgspec.Struct, frozen=True, kw_only=True):
    """The comparison of a scenario variant on two targets, by `pairs` of runs that alternate.

    `only_head` and `only_base` count the pairs in which just that side fails. `change` is UNKNOWN where the time ended
    the comparison: then `unseen` is the smallest difference in points that so many pairs would have shown, None if they
    show none. `seed` is that of the order within the pairs; `reason` states why there is no pair.
    """

    scenario: str
    change: Change
    remark: str
    base: CellResult
    head: CellResult
    pairs: int
    only_base: int
    only_head: int
    unseen: int | None
    seed: int
    seconds: float

    @property
    def blocks(self) -> list[tuple[tuple[int, int], tuple[int, int]]]:
        """Return the failed runs and all runs of each block, of base and of head."""
        return list(zip(self.base.in_blocks, self.head.in_blocks, strict=True))


@dataclass
class _Side:
    cell: Cell
    environment: Environment


@dataclass
class PairedCell:
    """A scenario variant on base and head while it is measured: the blocks of pairs so far, and the test of them."""

    sides: tuple[_Side, _Side]
    test: PairedTest
    seed: int
    begun: int = 0
    blocks: list[list[Runs]] = field(default_factory=list)
    unjudged: list[Runs] = field(default_factory=list)
    since: float = field(default_factory=time.monotonic)
    seconds: float = 0.0
    of_a_pair: float = 0.0

    @property
    def undecided(self) -> bool:
        """Return whether more pairs may decide the comparison."""
        return self.test.change is Change.UNKNOWN and not self.impossible

    @property
    def impossible(self) -> bool:
        """Return whether a side has no such API, or too many pairs could not be judged."""
        return len(self.unjudged) >= UNJUDGED or any(
            run.status is Status.UNSUPPORTED for runs in self.unjudged for run in runs
        )

    def fits(self, deadline: float) -> bool:
        """Return whether a pair that takes as long as the last one ends in time."""
        return self.undecided and time.monotonic() + self.of_a_pair < deadline

    def next_block(self) -> random.Random:
        """Return the random numbers of the next block; they follow from the seed and the number of the block."""
        self.begun += 1
        return random.Random(f"{self.seed}/{self.begun}")

    def add(self, pairs: list[Runs]) -> None:
        """Add a block; pairs that arrive after the decision are kept, and do not change it."""
        judged = [runs for runs in pairs if None not in {run.key for run in runs}]
        if self.undecided:
            self.test = self.test.after(
                (base.status is Status.FAIL, head.status is Status.FAIL) for base, head in judged
            )
            self.seconds = time.monotonic() - self.since
        self.blocks += [judged] if judged else []
        self.unjudged += [runs for runs in pairs if runs not in judged]


def compare_pairs(
    context: MeasurementContext,
    pairs: Sequence[tuple[Cell, Cell]],
    budget: float,
    jobs: int,
    among: int,
    false_same: float = FALSE_SAME,
    first: int = 0,
) -> list[Comparison]:
    """Return the comparisons of pairs (base, head), which are decided or ended by the budget in seconds.

    The `first` pairs have half of the budget for themselves, as long as they are not decided; then all take turns. The
    error of the test is bounded for all cells together: `among` of them, at least those of `pairs`; `false_same` is
    that of each verdict "same". Environments are built before the time counts.
    """
    test = PairedTest(among, false_same=false_same)
    cells = [_prepared(context, *pair, seed=context.settings.seed + n, test=test) for n, pair in enumerate(pairs)]
    parallel, now = min(jobs, BLOCKS_PER_CORE * (os.cpu_count() or 1)), time.monotonic()
    _measure(context, _open(cells[:first]), now + budget / 2, parallel)
    _measure(context, _open(cells), now + budget, parallel)
    return [cell if isinstance(cell, Comparison) else _comparison(context, cell) for cell in cells]


def _open(cells: Sequence[PairedCell | Comparison]) -> list[PairedCell]:
    return [cell for cell in cells if isinstance(cell, PairedCell)]


def _prepared(
    context: MeasurementContext, base: Cell, head: Cell, *, seed: int, test: PairedTest
) -> PairedCell | Comparison:
    sides: list[_Side] = []
    for cell in (base, head):
        try:
            sides.append(_Side(cell, environment_for(context.processes, cell.target, cell.needs)))
        except (UninstallableError, RegistryError) as error:
            return _impossible(base, head, str(error), seed)
    return PairedCell((sides[0], sides[1]), test, seed, unjudged=_unsuited(context, sides))


def _unsuited(context: MeasurementContext, sides: list[_Side]) -> list[Runs]:
    """Return a pair without runs where a side of the user's own client can't run a cell; no pair where both can."""
    own = context.settings.client
    if own is None:
        return []
    runs = [_suited(own, side) for side in sides]
    return [(runs[0], runs[1])] if any(run.status is Status.UNSUPPORTED for run in runs) else []


def _suited(own: OwnClient, side: _Side) -> Judgement:
    """Return the judgement of a side that is not run: unsupported with the reason, or unknown."""
    try:
        client_for(own, side.environment, side.cell)
    except OwnClientError as error:
        return Judgement(status=Status.UNSUPPORTED, reason=str(error))
    return Judgement(status=Status.UNKNOWN, reason="the other side can't run it")


def _measure(context: MeasurementContext, cells: list[PairedCell], deadline: float, jobs: int) -> None:
    """Measure blocks of all cells in turns until each is decided or the time is over."""
    running: dict[Future[list[Runs]], PairedCell] = {}
    with ThreadPoolExecutor(jobs) as executor:
        try:
            for cell in _in_turns(cells):
                if len(running) >= jobs or not cell.fits(deadline):
                    _collect(running)
                if cell.fits(deadline):
                    running[executor.submit(_block, context, cell, cell.next_block(), deadline)] = cell
                if not any(cell.fits(deadline) for cell in cells):
                    break
            while running:
                _collect(running)
        except BaseException:
            context.processes.end_all()
            executor.shutdown(cancel_futures=True)
            raise


def _in_turns(cells: list[PairedCell]) -> Iterator[PairedCell]:
    """Yield the cells again and again."""
    while cells:
        yield from cells


def _collect(running: dict[Future[list[Runs]], PairedCell]) -> None:
    """Wait until a block has ended, and add it to its cell."""
    ended, _ = wait(running, timeout=1.0, return_when=FIRST_COMPLETED)
    for future in ended:
        running.pop(future).add(future.result())


def _block(context: MeasurementContext, cell: PairedCell, order: random.Random, deadline: float) -> list[Runs]:
    """Return the pairs of one block; fewer where the time is over."""
    pairs: list[Runs] = []
    while len(pairs) < PAIRS and cell.fits(deadline):
        since = time.monotonic()
        pairs.append(_pair(context, cell, order))
        cell.of_a_pair = time.monotonic() - since
    return pairs


def _pair(context: MeasurementContext, cell: PairedCell, random_order: random.Random) -> Runs:
    """Return the judgements of both sides, run in random order with the same unit."""
    order = random_order.sample((0, 1), 2)
    seed = random_order.randrange(2**31)
    attempts = RetryPolicy(context.unit.doubled)
    runs: dict[int, Judgement] = {}
    while attempts.left:
        found = [
            attempt(context, side.cell, side.environment, side.environment.client, attempts, seed=seed, alone=True)
            for side in (cell.sides[n] for n in order)
        ]
        runs = {n: judgement for n, (judgement, _) in zip(order, found, strict=True)}
        late = any(judgement.late or busy is None for judgement, busy in found)
        attempts.learn(late=late, busy=any(busy is True for _, busy in found))
        if not any(judgement.status is Status.UNKNOWN and not judgement.refused for judgement in runs.values()):
            break
    return runs[0], runs[1]


def _comparison(context: MeasurementContext, cell: PairedCell) -> Comparison:
    base, head = (_answer(context, cell, n) for n in (0, 1))
    test = cell.test
    unseen = detectable(test.pairs, test.among)
    impossible = test.change is Change.UNKNOWN and cell.impossible
    change, remark = compare(base, head) if impossible else (test.change, _remark(test, unseen))
    return Comparison(
        scenario=variant_name(base.scenario, base.variant),
        change=change,
        remark=remark or "",
        base=base,
        head=head,
        pairs=test.pairs,
        only_base=test.only_base,
        only_head=test.only_head,
        unseen=unseen,
        seed=cell.seed,
        seconds=round(cell.seconds, 2),
    )


def _answer(context: MeasurementContext, cell: PairedCell, side: int) -> CellResult:
    """Return one side of a comparison; its blocks are recorded where they suffice for the ledger."""
    here = cell.sides[side]
    blocks = [[pair[side] for pair in block] for block in cell.blocks]
    if cell.impossible or not blocks:
        blocks = [[_unjudged(cell, side)]]
    outcome = summary_of_blocks(here.cell, blocks)
    kept = len(outcome.in_blocks) >= ENOUGH_BLOCKS
    return recorded_answer(context, here.cell, outcome, here.environment, seconds=cell.seconds, kept=kept)


def _unjudged(cell: PairedCell, side: int) -> Judgement:
    """Return why a side has no verdict; a run that was judged where only the other side has none."""
    runs = [pair[side] for pair in cell.unjudged]
    never = Judgement(status=Status.UNKNOWN, reason=NO_TIME)
    return next((run for run in runs if run.key is None), runs[0] if runs else never)


def _remark(test: PairedTest, unseen: int | None) -> str:
    counts = f"{test.pairs} pairs of runs: only base fails in {test.only_base}, only head in {test.only_head}"
    if test.change is Change.SAME:
        return f"{counts}; the rates differ by less than {MARGIN * 100:.0f} points"
    if test.change is not Change.UNKNOWN:
        return counts
    bound = "no difference is seen" if unseen is None else f"differences below {unseen} points are not seen"
    return f"undecided after {counts}; {bound}"


def _impossible(base: Cell, head: Cell, reason: str, seed: int) -> Comparison:
    answers = [without_environment(cell, Status.UNINSTALLABLE, reason) for cell in (base, head)]
    return Comparison(
        scenario=base.scenario_name,
        change=Change.UNKNOWN,
        remark=reason,
        base=answers[0],
        head=answers[1],
        pairs=0,
        only_base=0,
        only_head=0,
        unseen=None,
        seed=seed,
        seconds=0.0,
    )

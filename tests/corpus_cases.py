"""The corpus: histories, series of runs and pairs of cells, each with a name, and what the judging rules make of them.

`corpus/recorded/` holds histories of real releases, one a file; `corpus/made/` holds histories that `corpus_made`
wrote, one a line; `corpus/runs.jsonl`, `corpus/pairs.jsonl` and `corpus/turns.jsonl` hold what several judgements,
two cells, and runs of two cells in turns come to.
Nothing here changes a file: a stored case stays what it was when it was written.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import count
from pathlib import Path
from typing import Any, TypeVar, get_args

import msgspec

from poolgate.cells.cell import Cell
from poolgate.cells.select import select
from poolgate.measurement.repeats import wanted
from poolgate.measurement.settings import Settings
from poolgate.protocol.history import History, Record, Source
from poolgate.targets.parse import parse
from poolgate.verdict.case import plan_of
from poolgate.verdict.compare import apart, compare, failing_rate, flips, open_pairs, open_question
from poolgate.verdict.judge import judge
from poolgate.verdict.judgement import Judgement
from poolgate.verdict.outcome import CellOutcome
from poolgate.verdict.paired import PairedTest, coin_wealth, detectable, margin_wealth
from poolgate.verdict.rules import COMPARISON, ENDS, SAMPLING, SUMMARY, reached
from poolgate.verdict.summary import summary
from poolgate.verdict.sweep import is_sweep

CORPUS = Path(__file__).parent / "corpus"
RECORDED = CORPUS / "recorded"


class ShortRecord(msgspec.Struct, array_like=True):
    """A record in short form: what is absent at its end is left out, and its number is its place within its source."""

    t: int
    source: Source
    kind: str
    request: str | None = None
    phase: str | None = None
    data: dict[str, Any] = {}

    @property
    def values(self) -> list[Any]:
        """The values as they are stored."""
        found = [self.t, self.source, self.kind, self.request, self.phase, self.data]
        while not found[-1]:
            found.pop()
        return found


class RecordedHead(msgspec.Struct):
    """The first line of a recorded history: the command that recorded it, and how many records were left out."""

    command: str
    left_out: int


class Made(msgspec.Struct):
    """A history that was made by hand."""

    name: str
    records: list[ShortRecord]

    @property
    def history(self) -> History:
        return history_of(self.records)


def shortened(history: History) -> list[ShortRecord]:
    """The records of a history in short form."""
    found = []
    for record in history.records:
        data = {name: value for name, value in record.data.items() if name != "phase"}
        found.append(ShortRecord(record.t, record.source, record.kind, record.request, record.data.get("phase"), data))
    return found


def history_of(records: Iterable[ShortRecord]) -> History:
    """The history with these records."""
    numbers = {source: count() for source in get_args(Source)}
    return History(tuple(_lengthened(record, next(numbers[record.source])) for record in records))


def _lengthened(short: ShortRecord, seq: int) -> Record:
    data = short.data if short.phase is None else {"phase": short.phase, **short.data}
    return Record(seq=seq, t=short.t, source=short.source, kind=short.kind, request=short.request, data=data)


class Runs(msgspec.Struct):
    """Several judgements of one cell, each with how often it comes in a row.

    `repeats` is the number that the command line asks for, None where it asks for none.
    """

    name: str
    scenario: str
    rows: list[tuple[int, Judgement]]
    repeats: int | None = None

    @property
    def judgements(self) -> list[Judgement]:
        return [judgement for times, judgement in self.rows for _ in range(times)]


class Pair(msgspec.Struct):
    """Two outcomes that are compared."""

    name: str
    base: CellOutcome
    head: CellOutcome


class Turns(msgspec.Struct):
    """Pairs of runs in turns, one of base and one of head, each with how often it comes in a row: which of both fail.

    None is what the test has by default.
    """

    name: str
    rows: list[tuple[int, bool, bool]]
    among: int | None = None
    false_same: float | None = None


T = TypeVar("T")
Case = History | Runs | Pair | Turns
Cases = dict[str, Case]


def read_cases() -> Cases:
    """Every case of the corpus by its name, in the order of the files."""
    recorded = {f"recorded/{path.stem}": _read_recorded(path) for path in sorted(RECORDED.glob("*.jsonl"))}
    made = {
        line.name: line.history for path in sorted((CORPUS / "made").glob("*.jsonl")) for line in read_lines(path, Made)
    }
    runs = {line.name: line for line in read_lines(CORPUS / "runs.jsonl", Runs)}
    pairs = {line.name: line for line in read_lines(CORPUS / "pairs.jsonl", Pair)}
    turns = {line.name: line for line in read_lines(CORPUS / "turns.jsonl", Turns)}
    return {**made, **runs, **pairs, **turns, **recorded}


def _read_recorded(path: Path) -> History:
    head, *lines = path.read_bytes().splitlines()
    msgspec.json.decode(head, type=RecordedHead)
    return history_of(msgspec.json.decode(line, type=ShortRecord) for line in lines)


def read_lines(path: Path, type: type[T]) -> Iterator[T]:
    """The cases of a file, one a line; none where there is no file yet."""
    if not path.exists():
        return iter(())
    return (msgspec.json.decode(line, type=type) for line in path.read_bytes().splitlines())


def judged(case: Case) -> Any:
    """What the rules make of a case, as JSON can carry it; a field that is not there has its default."""
    match case:
        case History():
            found: Any = judge(case)
        case Runs():
            found = _of_runs(case)
        case Pair():
            found = _of_pair(case.base, case.head)
        case Turns():
            found = _of_turns(case)
    return msgspec.json.decode(msgspec.json.encode(short(found)))


def short(found: Any) -> Any:
    """Data without the fields that are absent, false or an empty tuple, as by default; an empty list says something."""
    plain = msgspec.to_builtins(found)
    if isinstance(plain, dict):
        return {name: short(value) for name, value in plain.items() if value not in (None, ()) and value is not False}
    return [short(value) for value in plain] if isinstance(plain, list | tuple) else plain


def _of_runs(runs: Runs) -> dict[str, Any]:
    cell = Cell(*select([runs.scenario])[0], parse("httpx==0.28.1"))
    settings = Settings(repeats=runs.repeats)
    first = [wanted(settings, cell, runs.judgements[:n]) for n in range(1, len(runs.judgements) + 1)]
    return {"wanted": first, "outcome": summary(cell, runs.judgements)}


def _of_pair(base: CellOutcome, head: CellOutcome) -> dict[str, Any]:
    change, remark = compare(base, head)
    return {
        "change": change,
        "remark": remark,
        "apart": apart(base, head),
        "open": open_question(base, head),
        "open_pairs": sorted(open_pairs([base, head, base], [(0, 1), (2, 2)])),
        "flips": flips(base, head),
        "rates": [failing_rate(base), failing_rate(head)],
    }


def _of_turns(turns: Turns) -> dict[str, Any]:
    given = {"among": turns.among, "false_same": turns.false_same}
    test = PairedTest(**{name: value for name, value in given.items() if value is not None})  # type: ignore[arg-type]
    test = test.after((base, head) for times, base, head in turns.rows for _ in range(times))
    more, less, equal = test.only_head, test.only_base, test.pairs - test.only_head - test.only_base
    wealth = coin_wealth(more, less), coin_wealth(less, more), margin_wealth(more, less, equal)
    return {
        "change": test.change,
        "counts": [more, less, equal],
        "wealth": [round(each, 6) for each in wealth],
        "detectable": detectable(test.pairs, test.among),
    }


def rules_reached(case: Case) -> frozenset[str]:
    """The rules that a case can reach; only that of a worker's end where a history has no plan."""
    match case:
        case Runs():
            return frozenset({SUMMARY, SAMPLING})
        case Pair() | Turns():
            return frozenset({COMPARISON})
    try:
        plan = plan_of(case)
        return reached(plan.typed_load(), swept=is_sweep(case))
    except (msgspec.ValidationError, TypeError, KeyError, ValueError):
        return frozenset({ENDS})

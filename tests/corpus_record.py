"""Takes a recorded history into the corpus: `python tests/corpus_record.py NAME HISTORY SCENARIO TARGET`.

`poolgate run SCENARIO --target TARGET --again --repeats 1` records one below `histories/` of `POOLGATE_CACHE`. Of a
sweep, which has thousands of records, only those are taken that a rule reads: the counts of pools that are suspected.
"""

from __future__ import annotations

import shlex
import sys
from itertools import count
from pathlib import Path
from typing import Any

import msgspec
from corpus_cases import RECORDED, RecordedHead, judged, read_cases, shortened
from corpus_golden import GOLDEN, complaints, judge_all, read_golden, to_bytes

from poolgate.protocol.history import History, Record, load
from poolgate.verdict.judge import judge
from poolgate.verdict.rules import RULES
from poolgate.verdict.sweep import is_sweep

_READ = {"plan", "ready", "sweep", "moment", "suspect", "broken", "swept", "done", "exited"}
_encode = msgspec.json.Encoder(order="deterministic").encode


def thinned(history: History) -> History:
    """A sweep without the records that no rule reads, its records numbered anew; any other history as it is."""
    if not is_sweep(history):
        return history
    asked = {phase for record in history.of("suspect") for phase in record.data["phases"]}
    kept = [record for record in history.records if record.kind in _READ or _opens(record, asked)]
    numbers = {source: count() for source in ("harness", "server", "worker")}
    return History(tuple(msgspec.structs.replace(record, seq=next(numbers[record.source])) for record in kept))


def _opens(record: Record, asked: set[Any]) -> bool:
    return record.kind == "opened" and record.data["phase"] in asked


def without_paths(history: History) -> History:
    """A history whose worker does not name the directories of the machine that recorded it; no rule reads them."""
    records = (
        record if record.kind != "hello" else msgspec.structs.replace(record, data={}) for record in history.records
    )
    return History(tuple(records))


def main(name: str, path: str, scenario: str, target: str) -> None:
    """Add one history and its judgement; raises AssertionError where what is left out changes that judgement.

    The stored judgements have to be those of today.
    """
    golden, cases = read_golden(), read_cases()
    if complaints(golden, cases, judge_all(cases), RULES):
        raise SystemExit("run `make corpus` first")
    whole = load(Path(path))
    kept = without_paths(thinned(whole))
    assert judge(kept) == judge(whole)
    command = shlex.join(["poolgate", "run", scenario, "--target", target, "--again", "--repeats", "1"])
    head = RecordedHead(command, len(whole.records) - len(kept.records))
    lines = [head, *(record.values for record in shortened(kept))]
    (RECORDED / f"{name}.jsonl").write_bytes(b"".join(_encode(line) + b"\n" for line in lines))
    golden.judgements[f"recorded/{name}"] = judged(kept)
    GOLDEN.write_bytes(to_bytes(golden))


if __name__ == "__main__":
    main(*sys.argv[1:])

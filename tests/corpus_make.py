"""Writes the made part of the corpus, for `make corpus`.

A case that is stored stays as it is, whatever its maker would write today; a case that is declared no more is dropped.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import msgspec
from corpus_cases import CORPUS, Made, Pair, Runs, Turns, short, shortened
from corpus_made import (
    after,
    bursts,
    contention,
    declarations,
    ends,
    ideal,
    lateness,
    notes,
    pairs,
    runs,
    sweeps,
    turns,
)
from support.histories import Event, history_of

from poolgate.protocol.history import History, Record
from poolgate.scenarios.declaration.scenario import Load, Request

THEMES = (bursts, after, lateness, ends, notes, ideal, contention, sweeps, declarations)
_encode = msgspec.json.Encoder(order="deterministic").encode


def made_histories() -> dict[str, list[Made]]:
    """Every history that is made, by its theme."""
    found: defaultdict[str, list[Made]] = defaultdict(list)
    for module in THEMES:
        for name, events in module.made():
            found[name.partition("/")[0]].append(_line(name, events))
    return found


def _line(name: str, events: Sequence[Event]) -> Made:
    brief = [msgspec.structs.replace(record, data=_brief(record)) for record in history_of(events).records]
    return Made(name, shortened(History(tuple(brief))))


def _brief(record: Record) -> dict[str, Any]:
    """The data of a record; that of a plan without what a load and its requests have by default."""
    load = record.data.get("load")
    if record.kind != "plan" or not load or "limit" not in load:
        return record.data
    requests = [_differing(request, Request._field_defaults) for request in load["requests"]]
    return {**record.data, "load": {**_differing(load, Load._field_defaults), "requests": requests}}


def _differing(fields: dict[str, Any], defaults: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if name not in defaults or value != defaults[name]}


def write(path: Path, cases: Iterable[Made | Runs | Pair | Turns]) -> int:
    """Write the declared cases of one file, those that are stored already as they are; how many are new."""
    stored = {name: line for line in _stored(path) if (name := msgspec.json.decode(line)["name"])}
    lines = {case.name: stored.get(case.name, _encode(to_plain(case))) for case in cases}
    content = b"".join(line + b"\n" for line in lines.values())
    if not path.exists() or path.read_bytes() != content:
        path.write_bytes(content)
    return len(lines.keys() - stored.keys())


def to_plain(case: Made | Runs | Pair | Turns) -> Any:
    """A case as it is stored."""
    if isinstance(case, Made):
        return {"name": case.name, "records": [record.values for record in case.records]}
    return short(case)


def _stored(path: Path) -> list[bytes]:
    return path.read_bytes().splitlines() if path.exists() else []


def main() -> None:
    """Add what is declared and not stored yet."""
    new = sum(write(CORPUS / "made" / f"{theme}.jsonl", cases) for theme, cases in made_histories().items())
    new += write(CORPUS / "runs.jsonl", runs.made())
    new += write(CORPUS / "pairs.jsonl", pairs.made())
    new += write(CORPUS / "turns.jsonl", turns.made())
    print(f"{new} cases are new")

"""SARIF 2.1.0 for code scanning: a rule for each scenario, a result for each finding.

https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html; only the fields that are written are declared.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal
from urllib.parse import quote

import msgspec

from .. import __version__
from ..cells.select import UNDECLARED
from ..scenarios import declared
from .links import file_of, link_of

Level = Literal["error", "warning", "none"]

_SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_FINGERPRINT = "poolgateBehaviour/v1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """A finding: the scenario variant, the SPEC that shows it, a message, and the key of its behaviour.

    Level "none" marks a cell that could not be judged. `accepted` is the reason of an accepted deviation. `line` is the
    line of the pin in a lock file, if it is known.
    """

    scenario: str
    target: str
    level: Level
    message: str
    key: str
    accepted: str | None = None
    line: int | None = None


class _Struct(msgspec.Struct, rename="camel", omit_defaults=True):
    pass


class _Text(_Struct):
    text: str


class _Rule(_Struct):
    id: str
    short_description: _Text
    help_uri: str | None = None


class _Driver(_Struct):
    name: str
    semantic_version: str
    rules: list[_Rule]


class _Tool(_Struct):
    driver: _Driver


class _Logical(_Struct):
    fully_qualified_name: str
    kind: str


class _Artifact(_Struct):
    uri: str


class _Region(_Struct):
    start_line: int


class _Physical(_Struct):
    artifact_location: _Artifact
    region: _Region


class _Location(_Struct):
    logical_locations: list[_Logical]
    physical_location: _Physical | None = None


class _Suppression(_Struct):
    kind: Literal["external"]
    status: Literal["accepted"]
    justification: str


class _Result(_Struct):
    rule_id: str
    rule_index: int
    kind: Literal["fail", "open"]
    level: Level
    message: _Text
    locations: list[_Location]
    partial_fingerprints: dict[str, str]
    suppressions: list[_Suppression] = []


class _Run(_Struct):
    tool: _Tool
    column_kind: str
    results: list[_Result]


class _Document(_Struct):
    schema: str = msgspec.field(name="$schema")
    version: str
    runs: list[_Run]


def to_sarif(results: Sequence[Result]) -> str:
    """Return the whole file, without a final newline; without results it has an empty list."""
    rules = list(dict.fromkeys(_id(result.scenario) for result in results))
    run = _Run(
        tool=_Tool(driver=_Driver(name="poolgate", semantic_version=__version__, rules=[*map(_rule, rules)])),
        column_kind="unicodeCodePoints",
        results=[_result(result, rules) for result in results],
    )
    document = _Document(schema=_SCHEMA, version="2.1.0", runs=[run])
    return msgspec.json.format(msgspec.json.encode(document), indent=2).decode()


def _rule(scenario: str) -> _Rule:
    """Return the rule of a scenario; for one that is in a ledger but not declared, its text says so."""
    known = declared().get(scenario)
    links = [link for link in map(link_of, known.references if known else ()) if link]
    text = known.requirement if known else UNDECLARED
    return _Rule(id=scenario, short_description=_Text(text=text), help_uri=links[0] if links else None)


def _id(scenario: str) -> str:
    return scenario.partition("[")[0]


def _result(result: Result, rules: list[str]) -> _Result:
    suppressions = [_Suppression(kind="external", status="accepted", justification=result.accepted or "")]
    return _Result(
        rule_id=_id(result.scenario),
        rule_index=rules.index(_id(result.scenario)),
        kind="open" if result.level == "none" else "fail",
        level=result.level,
        message=_Text(text=_plain(result.message)),
        locations=[_location(result.target, result.line)],
        partial_fingerprints={_FINGERPRINT: f"{result.scenario} {result.key}"},
        suppressions=suppressions if result.accepted else [],
    )


def _plain(text: str) -> str:
    """Return text without links: SARIF messages take `[text](address)` for one."""
    return text.replace("](", "] (")


def _location(target: str, line: int | None) -> _Location:
    """Return the location of a target: a lock is a file, by the path on the command line; all others are packages."""
    file = file_of(target)
    logical = [_Logical(fully_qualified_name=target, kind="package")]
    if file is None:
        return _Location(logical_locations=logical)
    # GitHub code scanning does not show a result without a line.
    place = _Physical(artifact_location=_Artifact(uri=quote(file)), region=_Region(start_line=line or 1))
    return _Location(physical_location=place, logical_locations=logical)

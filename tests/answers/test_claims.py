"""Claim files: their required fields, the errors of invalid ones, and how they are found and stored."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from poolgate import scenarios
from poolgate.answers.claims.claim import (
    SHIPPED_CLAIMS,
    ClaimError,
    dump,
    load_claim,
    shipped_claims,
    write_claim,
)
from poolgate.answers.claims.find import find_claims
from poolgate.answers.claims.measure import cells_of, today
from poolgate.catalogue.releases import load
from poolgate.cells.select import select
from poolgate.formats.markdown import escape
from poolgate.maintenance.claims_page import claims_page
from poolgate.targets.parse import parse

Poolgate = Callable[..., tuple[int, str, str]]
FAMILIES = {"httpx", "httpx2", "httpxyz"}
FORKED = {"httpx2-1000": ("httpcore", "1.0.9")}
WHOLE: dict[str, Any] = {
    "schema": "poolgate/claim",
    "version": 1,
    "id": "httpcore-discussion-419",
    "package": "httpcore",
    "release": "0.14.0",
    "claim": "the pool's troubles are settled",
    "references": ["encode/httpcore discussion #419"],
    "scenarios": ["gather-over-limit"],
    "boundary": ["httpcore==0.13.7", "httpcore==0.14.0"],
    "elsewhere": [],
    "untestable": None,
    "measured": None,
}


def written(place: Path, **changes: Any) -> Path:
    path = place / "claim.json"
    path.write_bytes(msgspec.json.encode({**WHOLE, **changes}))
    return path


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"schema": "poolgate/run"}, "Invalid enum value 'poolgate/run'"),
        ({"version": 2}, "Invalid enum value 2"),
        ({"moon": 1}, "Object contains unknown field `moon`"),
        ({"id": "No Id"}, "matching regex"),
        ({"release": "soon"}, "Invalid version: 'soon'"),
        ({"claim": ""}, "length >= 1"),
        ({"references": []}, "`references` is empty: say where it was claimed"),
        ({"scenarios": []}, "`scenarios` is empty: name one that can see it, or say in `untestable` why there is none"),
        ({"scenarios": ["gather"]}, "no scenario is called 'gather'"),
        ({"scenarios": ["gather-over-limit[moon=1]"]}, "gather-over-limit has no variant 'moon=1'"),
        ({"boundary": ["httpcore==0.14.0"]}, "`boundary` of a claim with a release has two targets"),
        ({"release": None, "boundary": []}, "`boundary` is empty: name the targets on which it is looked for"),
        ({"elsewhere": ["httpcore==9.9"]}, "httpcore '9.9' is not in the catalogue"),
        ({"elsewhere": ["httpcore"]}, "'httpcore' is not a target"),
        ({"axis": "left"}, "Invalid enum value 'left'"),
        ({"measured": {}}, "Object missing required field `verdict`"),
    ],
)
def test_an_invalid_claim_file_is_one_line_with_the_reason(
    poolgate: Poolgate, tmp_path: Path, changes: dict[str, Any], expected: str
) -> None:
    path = written(tmp_path, **changes)
    code, out, err = poolgate("verify", str(path))
    assert (code, out) == (2, "")
    assert err.startswith(f"poolgate: {path}")
    assert expected in err
    assert len(err.splitlines()) == 1


def test_an_unknown_claim_is_one_line_with_a_hint(poolgate: Poolgate, tmp_path: Path) -> None:
    known = find_claims(str(SHIPPED_CLAIMS))[0].stem
    assert f"no claim is called '{known}x'; did you mean {known}?" in poolgate("verify", f"{known}x")[2]
    assert "name a file, a directory of claim files, or the id" in poolgate("verify", "?")[2]
    assert f"{tmp_path} has no claim files (*.json)" in poolgate("verify", str(tmp_path))[2]


@given(st.binary(max_size=200))
def test_no_bytes_are_more_than_an_error(tmp_path_factory: pytest.TempPathFactory, data: bytes) -> None:
    path = tmp_path_factory.getbasetemp() / "fuzzed.json"
    path.write_bytes(data)
    with pytest.raises(ClaimError, match="is not a claim"):
        load_claim(path)


def test_one_that_is_untestable_needs_no_cells(tmp_path: Path) -> None:
    claim = load_claim(written(tmp_path, scenarios=[], boundary=[], untestable="it is about the documentation"))
    assert cells_of(claim) == []


def test_a_claim_is_written_as_it_was_read(tmp_path: Path) -> None:
    path = written(tmp_path)
    claim = load_claim(path)
    write_claim(path, claim)
    assert load_claim(path) == claim
    assert list(msgspec.json.decode(path.read_bytes())) == list(WHOLE)


def test_what_ships_names_where_it_was_claimed_and_each_scenario_once() -> None:
    """A reference occurs once in a claim; claims that share all of theirs are about different releases or scenarios."""
    claims = shipped_claims()
    for claim in claims:
        for words in (claim.references, claim.scenarios, claim.boundary, claim.elsewhere):
            assert len(set(words)) == len(words), claim.id
        assert not set(claim.elsewhere) & set(claim.boundary), claim.id
    twice = [(c.package, c.release, *c.references, *c.scenarios) for c in claims]
    assert len(set(twice)) == len(twice)


def test_a_fix_that_ships_is_measured_at_its_release_and_the_one_before() -> None:
    for claim, release in ((claim, claim.release) for claim in shipped_claims() if claim.release is not None):
        before, after = map(parse, claim.boundary)
        assert (claim.package, release) in after.pins, claim.id
        line = [known.version for known in load().releases(claim.package)]
        number = line.index(release)
        # The first release of a fork follows the one that it was forked from.
        assert FORKED.get(claim.id, (claim.package, line[number - 1])) in before.pins, claim.id


def test_a_report_that_ships_is_looked_for_on_the_newest_release_of_each_family() -> None:
    for claim in (claim for claim in shipped_claims() if claim.release is None):
        assert {pin[0] for spec in today(claim.boundary) for pin in parse(spec).pins} >= FAMILIES, claim.id


def test_what_ships_is_testable_but_for_a_tenth() -> None:
    claims = shipped_claims()
    assert 10 * sum(claim.untestable is not None for claim in claims) <= len(claims)


def test_every_scenario_is_in_a_claim() -> None:
    """A scenario that no claim names has no user."""
    named = {scenario.id for claim in shipped_claims() for scenario, _ in select(claim.scenarios)}
    assert set(scenarios.declared()) - named == set()


def test_what_ships_is_named_by_its_id_and_written_by_us() -> None:
    assert shipped_claims()
    for path in SHIPPED_CLAIMS.glob("*.json"):
        claim = load_claim(path)
        assert (path.stem, find_claims(claim.id)) == (claim.id, [path])
        if claim.measured is not None:
            assert dump(claim) == path.read_bytes(), f"{path.name}: `make claims` writes it"


def test_a_note_follows_the_measurement() -> None:
    """A note has what the cells can't express; a claim without one has no text there."""
    noted = {claim.id: claim.note for claim in shipped_claims() if claim.note}
    assert noted
    lines = {line.partition(":")[0][2:]: line for line in claims_page().splitlines() if line.startswith("- ")}
    assert all(lines[name].endswith(f" {escape(note)}") for name, note in noted.items())


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


@given(st.sampled_from(sorted(SHIPPED_CLAIMS.glob("*.json"))[:10]), st.data())
def test_a_claim_with_any_value_anywhere_is_read_or_refused(
    tmp_path_factory: pytest.TempPathFactory, path: Path, data: st.DataObject
) -> None:
    """In a claim that ships one value is of another kind, or an entry more or less."""
    claim = json.loads(path.read_text())
    key = data.draw(st.sampled_from([*claim, "more"]))
    if data.draw(st.booleans()):
        claim[key] = data.draw(_JSON)
    else:
        claim.pop(key, None)
    written = tmp_path_factory.getbasetemp() / "changed.json"
    written.write_text(json.dumps(claim))
    expected = str(written)
    try:
        load_claim(written)
    except ClaimError as error:
        expected = str(error)
    assert expected.startswith(str(written))
    assert len(expected.splitlines()) == 1


def test_what_a_complaint_quotes_can_not_break_its_line(tmp_path: Path) -> None:
    """Neither by an unusual line separator nor by a control character of a terminal."""
    claim = json.loads(next(SHIPPED_CLAIMS.glob("*.json")).read_text())
    written = tmp_path / "claim.json"
    written.write_text(json.dumps({**claim, "\x1e\u2028\x1b[2J": 1}))
    with pytest.raises(ClaimError, match=r"unknown field `   \[2J`"):
        load_claim(written)

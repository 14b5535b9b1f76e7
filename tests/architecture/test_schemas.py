"""Every answer has a published JSON Schema, and the output of each format agrees with it.

The fixture `poolgate` also validates each answer that a test requests as JSON.
"""

from __future__ import annotations

import json

import jsonschema
import pytest
from conftest import fits
from support.golden_files import GOLDEN

from poolgate.cli.parser import build_parser
from poolgate.maintenance.schemas import path_of, schemas

SCHEMAS = schemas()
NAMED = {path.name: json.loads(path.read_text()) for path in sorted(GOLDEN.glob("*.json"))}
ANSWERS = {
    name: answer
    for name, answer in NAMED.items()
    if isinstance(answer, dict) and answer.get("schema", "").removeprefix("poolgate/") in SCHEMAS
}


@pytest.mark.parametrize("name", SCHEMAS)
def test_the_published_schema_is_the_one_of_the_answer(name: str) -> None:
    """Other programs rely on a schema: it changes only on purpose, and `make schemas` writes it."""
    assert path_of(name).read_bytes() == SCHEMAS[name]
    jsonschema.Draft202012Validator.check_schema(json.loads(SCHEMAS[name]))


def test_every_verb_has_a_schema() -> None:
    """`report` has the answer of `run`, and `run --plan` one of its own."""
    (verbs,) = [action for action in build_parser()._actions if action.dest == "verb"]
    assert set(dict(verbs.choices or {})) - {"report"} == set(SCHEMAS) - {"run-plan"}


@pytest.mark.parametrize("name", ANSWERS)
def test_a_golden_answer_fits_its_schema(name: str) -> None:
    fits(ANSWERS[name])


def test_each_answer_with_text_formats_has_an_example() -> None:
    exemplified = {answer["schema"].removeprefix("poolgate/") for answer in ANSWERS.values()}
    assert exemplified >= {"run", "flips", "gate", "affected", "verify", "workarounds", "bisect", "diagnose"}


@pytest.mark.parametrize(
    ("change", "message"), [({"more": 1}, "more"), ({"line": 1}, "is not of type"), ({"version": 2}, "is not one of")]
)
def test_an_answer_that_does_not_fit_is_refused(change: dict[str, int], message: str) -> None:
    with pytest.raises(jsonschema.ValidationError, match=message):
        fits({**ANSWERS["flips.json"], **change})

"""Every answer has a JSON Schema that is published, and what is written is exactly what the schema says.

That real answers fit is seen wherever a test asks a verb for JSON: the fixture `poolgate` looks at each.
"""

from __future__ import annotations

import json

import jsonschema
import pytest
from conftest import fits
from support.golden_files import GOLDEN

from poolgate.cli.parser import build_parser
from poolgate.maintenance.schemas import path_of, schemas

NAMED = {path.name: json.loads(path.read_text()) for path in sorted(GOLDEN.glob("*.json"))}
ANSWERS = {
    name: answer
    for name, answer in NAMED.items()
    if isinstance(answer, dict) and answer.get("schema", "").removeprefix("poolgate/") in schemas()
}


@pytest.mark.parametrize("name", schemas())
def test_the_published_schema_is_the_one_of_the_answer(name: str) -> None:
    """A schema is a file that others hold on to; it changes only on purpose, and `make schemas` writes it."""
    assert path_of(name).read_bytes() == schemas()[name]
    jsonschema.Draft202012Validator.check_schema(json.loads(schemas()[name]))


def test_every_verb_that_answers_has_one() -> None:
    """`report` answers as `run` does."""
    (verbs,) = [action for action in build_parser()._actions if action.dest == "verb"]
    assert set(dict(verbs.choices or {})) - {"report"} == set(schemas())


@pytest.mark.parametrize("name", ANSWERS)
def test_what_is_written_is_exactly_what_its_schema_says(name: str) -> None:
    fits(ANSWERS[name])


def test_there_is_an_example_of_each_that_has_formats_for_people() -> None:
    told = {answer["schema"].removeprefix("poolgate/") for answer in ANSWERS.values()}
    assert told >= {"run", "flips", "gate", "affected", "verify", "workarounds", "bisect", "diagnose"}


@pytest.mark.parametrize(
    ("change", "told"), [({"more": 1}, "more"), ({"line": 1}, "is not of type"), ({"version": 2}, "is not one of")]
)
def test_what_does_not_fit_is_seen(change: dict[str, int], told: str) -> None:
    with pytest.raises(jsonschema.ValidationError, match=told):
        fits({**ANSWERS["flips.json"], **change})

"""No text of a history, a page or a lock becomes markup, an element, an annotation or a link.

The output for a hostile text has the same structure as the output for a harmless one, and contains the text.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from html.parser import HTMLParser
from typing import Any
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sarif_pydantic import Sarif
from support import example_answers
from support.golden_files import golden, undated

from poolgate.cli.parser import build_parser
from poolgate.errors import UsageError
from poolgate.formats import affected, flips, gate, run, verify, workarounds
from poolgate.formats.format import Format, Writers
from poolgate.formats.github import Annotation, to_commands
from poolgate.formats.junit import Case, to_junit
from poolgate.formats.sarif import Result, to_sarif

HOSTILE = (
    '</li></table><script>alert(1)</script><img src=x onerror=alert(1)>" onload="x\' {{ 7*7 }} {% raw %} &lt; '
    "]]> <!-- \x00\x1b[31m\ud7ff\ufffe\r\n::error file=a,line=1::b%0A,%25 c](https://example.org) $(id) `id` ; id"
)
MADE: dict[str, tuple[Writers[Any], Callable[[str], Any]]] = {
    "run": (run.WRITERS, example_answers.run),
    "flips": (flips.WRITERS, example_answers.flips),
    "gate": (gate.WRITERS, example_answers.gate),
    "affected": (affected.WRITERS, example_answers.affected),
    "verify": (verify.WRITERS, example_answers.verify),
    "workarounds": (workarounds.WRITERS, example_answers.workarounds),
}


def having(wanted: Format) -> list[str]:
    return [verb for verb, (writers, _) in MADE.items() if wanted in writers.formats]


def written(verb: str, wanted: Format, text: str) -> str:
    writers, make = MADE[verb]
    output: str = writers.write(make(text), wanted)
    return output


def test_the_command_line_offers_what_can_be_written() -> None:
    """`--help` names the formats without an import of the verbs, which would take too long."""
    (verbs,) = [action for action in build_parser()._actions if action.dest == "verb"]
    offered = {verb: set(parser.get_default("formats")) for verb, parser in dict(verbs.choices or {}).items()}
    for verb, (writers, _) in MADE.items():
        assert offered[verb] == set(writers.formats), verb
    assert offered["report"] == set(run.WRITERS.formats) - {Format.GITHUB}


def test_a_format_that_an_answer_does_not_have_is_refused() -> None:
    with pytest.raises(UsageError, match=r"this answer has no format sarif; it has text, json, markdown$"):
        written("workarounds", Format.SARIF, "harmless")


class _Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: list[tuple[str, tuple[str, ...]]] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        # A text with slashes may wrap after each of them.
        if tag != "wbr":
            self.tags.append((tag, tuple(name for name, _ in attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data


def tags(html: str) -> _Tags:
    reader = _Tags()
    reader.feed(html)
    reader.close()
    return reader


@pytest.mark.parametrize("verb", having(Format.HTML))
def test_no_text_becomes_markup(verb: str) -> None:
    hostile, harmless = (tags(written(verb, Format.HTML, text)) for text in (HOSTILE, "harmless"))
    assert hostile.tags == harmless.tags
    assert HOSTILE in hostile.text
    assert not {tag for tag, _ in hostile.tags} & {"script", "link", "img", "iframe", "object"}


@pytest.mark.parametrize("verb", having(Format.HTML))
def test_a_page_loads_nothing_and_works_without_a_mouse(verb: str) -> None:
    page = written(verb, Format.HTML, "harmless")
    assert not re.search(r"\b(src|href)=\"(?!#)|url\(|@import", page)
    targets, ids = set(re.findall(r'href="#([^"]+)"', page)), re.findall(r' id="([^"]+)"', page)
    assert targets <= set(ids)
    assert len(ids) == len(set(ids))
    assert "default-src 'none'" in page


def test_a_grid_marks_a_status_by_a_sign_and_a_word_as_well_as_a_colour() -> None:
    page = written("run", Format.HTML, "harmless")
    marks = dict(re.findall(r'class="(\w+)" id="[^"]+"><span class="mark">(\S+ \w+)</span>', page))
    assert marks == {"fail": "✗ fail", "flaky": "≈ flaky", "open": "? uninstallable"}
    assert 'role="region"' in page
    assert '<th scope="row">' in page
    assert '<th scope="col">' in page


@pytest.mark.parametrize("verb", having(Format.JUNIT))
def test_no_text_becomes_an_element(verb: str) -> None:
    hostile, harmless = (ElementTree.fromstring(written(verb, Format.JUNIT, text)) for text in (HOSTILE, "harmless"))
    shape = [(element.tag, sorted(element.attrib)) for element in harmless.iter()]
    assert [(element.tag, sorted(element.attrib)) for element in hostile.iter()] == shape
    assert all(case.get("name") for case in hostile.iter("testcase"))


@given(st.text(st.characters(exclude_categories=())))
def test_any_text_is_well_formed_xml(text: str) -> None:
    document = to_junit([Case(suite=text, name=text, kind="failure", message=text, details=[text])])
    assert [element.tag for element in ElementTree.fromstring(document).iter()][-1] == "failure"


def test_a_suite_counts_what_it_has() -> None:
    suites = ElementTree.fromstring(written("run", Format.JUNIT, "harmless"))
    counts = {name: suites.get(name) for name in ("tests", "failures", "errors", "skipped")}
    assert counts == {"tests": "4", "failures": "2", "errors": "1", "skipped": "1"}


def parsed(command: str) -> tuple[str, dict[str, str], str]:
    """Return level, properties and message of a workflow command, as a runner reads it."""
    match = re.fullmatch(r"::(\w+) (.*?)::(.*)", command, flags=re.DOTALL)
    assert match, command
    properties = dict(part.split("=", 1) for part in match[2].split(","))
    return match[1], {name: _unescaped(value) for name, value in properties.items()}, _unescaped(match[3])


def _unescaped(text: str) -> str:
    for code in ("3A", "2C", "0A", "0D", "25"):
        text = text.replace(f"%{code}", chr(int(code, 16)))
    return text


@pytest.mark.parametrize("verb", having(Format.GITHUB))
def test_no_text_becomes_an_annotation(verb: str) -> None:
    hostile, harmless = (written(verb, Format.GITHUB, text) for text in (HOSTILE, "harmless"))
    assert len(re.split("[\r\n]", hostile)) == len(harmless.split("\n"))
    for one, other in zip(hostile.split("\n"), harmless.split("\n"), strict=True):
        level, properties, message = parsed(one)
        assert (level, properties.keys()) == (parsed(other)[0], parsed(other)[1].keys())
        assert not set(properties) - {"title", "file"}
        assert HOSTILE in message or "harmless" not in parsed(other)[2]


@given(st.text(min_size=1), st.text(), st.text(min_size=1))
def test_an_annotation_can_be_read_back(title: str, message: str, file: str) -> None:
    (line,) = re.split("[\r\n]", to_commands([Annotation("error", title, message, file)]))
    assert parsed(line) == ("error", {"title": title, "file": file}, message)


@pytest.mark.parametrize("verb", having(Format.SARIF))
@pytest.mark.parametrize("text", [HOSTILE, "harmless"])
def test_sarif_has_the_shape_of_sarif(verb: str, text: str) -> None:
    """Every field that is written is one that SARIF has, and of its type: what is read is what was written."""
    document = json.loads(written(verb, Format.SARIF, text))
    assert Sarif.model_validate(document).model_dump(mode="json", by_alias=True, exclude_none=True) == document
    (run,) = document["runs"]
    rules = [rule["id"] for rule in run["tool"]["driver"]["rules"]]
    assert all(rules[result["ruleIndex"]] == result["ruleId"] for result in run["results"])
    assert not any(re.search(r"\]\(", result["message"]["text"]) for result in run["results"])


def test_sarif_names_the_lock_and_no_scenario_twice() -> None:
    results = [
        Result(scenario=name, target=target, level="error", message="m", key="k")
        for name in ("queue-timeout", "queue-timeout[x=y]", "no-longer-declared")
        for target in ("lock:my locks/uv.lock", "lock:uv.lock?rev=main", "httpx==0.28.1")
    ]
    (run,) = json.loads(to_sarif(results))["runs"]
    assert [rule["id"] for rule in run["tool"]["driver"]["rules"]] == ["queue-timeout", "no-longer-declared"]
    places = [result["locations"][0].get("physicalLocation") for result in run["results"]]
    lock = {"artifactLocation": {"uri": "my%20locks/uv.lock"}, "region": {"startLine": 1}}
    assert places == [lock, None, None] * 3


@pytest.mark.parametrize(
    ("verb", "wanted"), [(verb, wanted) for verb in ("verify", "workarounds") for wanted in MADE[verb][0].formats]
)
def test_pages_and_workarounds_match_their_golden_files(verb: str, wanted: Format) -> None:
    assert undated(written(verb, wanted, "a <text>")) == golden(verb, wanted)

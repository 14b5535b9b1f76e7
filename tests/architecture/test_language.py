"""The texts of the repository should be plain technical English: some words never occur.

A request, a run or a slot is the subject, never a person; a program reports or prints. Quotations, code in backticks,
histories and other test data are exempt. Names and messages of `scenarios/` and `servers/` are part of a measuring
instrument: they change only with a requalification, so what is left there is listed, and the list may only shrink.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

import msgspec
import pytest
from conftest import ROOT
from support.language import Text, texts_of

from poolgate.cli.parser import build_parser

AVOIDED = {
    r"told": "report, record, print, raise",
    r"tells?|telling": "report, distinguish, identify",
    r"whoever|whom": "a request, a run, a caller",
    r"nobody|somebody|anybody|everybody": "no request, a caller, another process",
    r"beside": "in parallel, with, next to",
    r"mend(?:s|ed|ing)?": "fix",
    r"lent": "unreturned",
    r"as of": "since",
    r"comes? to (?:the same|this|that|nothing|what|be)": "is, becomes",
    r"(?<!there )is no (?!longer\b|more\b|other\b|fewer\b|less\b)\w+": "is not a ...",
    r"himself|herself": "itself",
}
"""By expression, what to write in its place."""
_AVOIDED = re.compile(rf"\b(?:{'|'.join(f'(?:{word})' for word in AVOIDED)})\b", re.IGNORECASE)

TEXTS = (
    "*.md",
    "Makefile",
    "tox.ini",
    "toxfile.py",
    "pyproject.toml",
    ".ci/run",
    ".gitignore",
    "harness/**/*.md",
    "harness/**/*.py",
    "harness/**/*.jinja",
    "results/*.md",
    "results/claims/README.md",
    "scenarios/**/*.md",
    "scenarios/**/*.py",
    "servers/**/*.md",
    "servers/**/*.py",
    "watch/**/*.md",
    "watch/**/*.py",
    "docs/**/*.md",
    "tests/**/*.md",
    "tests/**/*.py",
)
QUOTED = ("tests/architecture/test_language.py", "tests/corpus/SURVIVORS.md", "tests/data/")
"""The list of words itself, a table of changed source lines, and test data."""
ROOMS = ("scenarios/", "servers/")

LEFT: dict[str, int] = {
    "scenarios/clients/user_made.py": 2,
    "scenarios/declaration/scenario.py": 5,
    "scenarios/http2/h2_goaway.py": 1,
    "scenarios/http2/h2_reset.py": 2,
    "scenarios/questions/factory.py": 1,
    "scenarios/sweep/backends/on_trio.py": 1,
    "scenarios/sweep/cancel_at_step.py": 8,
    "scenarios/sweep/group.py": 2,
    "scenarios/sweep/pools.py": 1,
    "scenarios/sweep/random_deadlines.py": 1,
    "scenarios/sweep/single.py": 2,
    "scenarios/worker/backends/asyncio_way.py": 2,
    "scenarios/worker/backends/base.py": 1,
    "scenarios/worker/backends/trio_way.py": 1,
    "scenarios/worker/driver.py": 1,
    "scenarios/worker/forking.py": 1,
    "scenarios/worker/heartbeat.py": 2,
    "servers/__main__.py": 3,
    "servers/doors/wire.py": 2,
}
"""Names and messages of the instrument that still have such a word, by file; a requalification may remove them."""

KEPT: dict[str, tuple[str, ...]] = {
    # A script prints this line if its machine is too slow; users and their CI read it.
    "harness/answers/repro/parts/pace.py": ("too slow to tell;",),
    "harness/answers/repro/script.py": ("too slow to tell.",),
    # The code of a scenario, which a script copies, uses these names of its driver and of its requests.
    "harness/answers/repro/parts/driver.py": ("beside",),
    "harness/answers/repro/load_script.py": (".lent",),
}
"""Published texts, and names that a generated script shares with the instrument, by file."""


def files(*patterns: str) -> list[Path]:
    return [path for pattern in patterns for path in sorted(ROOT.glob(pattern)) if not _name(path).startswith(QUOTED)]


def _name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def kinds_of(path: Path) -> set[str]:
    """Return which texts of a file are read: strings of a test are test data, those of a room are the instrument."""
    always = {"prose", "comment", "docstring"}
    if _name(path).startswith(ROOMS):
        return always
    return always | ({"name"} if _name(path).startswith("tests/") else {"name", "string"})


def texts_to_check(path: Path) -> Iterator[Text]:
    """Yield the texts of a file that are read, without the kept ones."""
    for text in texts_of(path):
        if text.kind in kinds_of(path):
            yield text._replace(text=_without(KEPT.get(_name(path), ()), text.text))


def _without(kept: Iterable[str], text: str) -> str:
    for each in kept:
        text = text.replace(each, " ")
    return text


def found_in(texts: Iterable[Text]) -> Iterator[str]:
    for line, kind, text in texts:
        flat = re.sub(r"\s+", " ", text)
        yield from (f"{line}: {kind}: {found[0]!r} in {flat[:100].strip()!r}" for found in _AVOIDED.finditer(flat))


@pytest.mark.parametrize("pattern", TEXTS)
def test_no_avoided_word_occurs(pattern: str) -> None:
    paths = files(pattern)
    assert paths or pattern.endswith("*.md")
    found = [f"{_name(path)}:{place}" for path in paths for place in found_in(texts_to_check(path))]
    assert not found, "\n".join(["CONTRIBUTING.md, Language:", *found])


def test_what_is_left_in_the_instrument_is_listed() -> None:
    left: Counter[str] = Counter()
    for path in files(*TEXTS):
        if _name(path).startswith(ROOMS):
            texts = (text for text in texts_of(path) if text.kind not in kinds_of(path))
            left[_name(path)] += sum(1 for _ in found_in(texts))
    assert +left == LEFT


@pytest.mark.parametrize("name", KEPT)
def test_what_is_kept_occurs(name: str) -> None:
    text = "\n".join(text.text for text in texts_of(ROOT / name))
    assert [kept for kept in KEPT[name] if kept not in text] == []


def test_no_avoided_word_occurs_in_a_help_text() -> None:
    parser = build_parser()
    (verbs,) = [action for action in parser._actions if action.dest == "verb"]
    helps = {"": parser, **dict(verbs.choices or {})}
    texts = [Text(1, verb, each.format_help()) for verb, each in helps.items()]
    assert list(found_in(texts)) == []


def test_no_avoided_word_occurs_in_a_claim() -> None:
    for path in sorted((ROOT / "results" / "claims").glob("*.json")):
        claim = msgspec.json.decode(path.read_bytes())
        texts = [Text(1, field, claim.get(field) or "") for field in ("claim", "untestable", "note")]
        assert list(found_in(texts)) == [], path.name


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ('"""What it was told."""', ["told"]),
        ('"""What `told` names, and "told"."""', []),
        ("x = 1  # nobody reads it", ["nobody"]),
        ("def told_apart(): ...", ["told"]),
        ("class SweepTold: ...", ["Told"]),
        ("print(f'{x} is no scenario')", ["is no scenario"]),
        ("print('it is no longer there, as there is no need')", []),
        ('"""Since one release,\nas\nof another."""', ["as of"]),
        ("from a import told", []),
        ("x = msgspec.field(name='told')", []),
        ("x = field(name='told')", ["told"]),
    ],
)
def test_an_avoided_word_is_found(source: str, found: list[str], tmp_path: Path) -> None:
    file = tmp_path / "planted.py"
    file.write_text(source)
    places = [place.split(": ", 2)[2] for place in found_in(texts_of(file))]
    assert [place.split("'")[1] for place in places] == found

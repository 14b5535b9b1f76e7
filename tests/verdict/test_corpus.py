"""The corpus should hold the judging rules: a judgement that differs needs a rule with a higher number, which is named.

Each rule that a history can reach has histories on both sides of it. What is planted here are changed judgements and
changed numbers; `mutants` plants changed rules.
"""

from __future__ import annotations

import copy
import functools
import re
import subprocess
from pathlib import Path
from typing import Any

import corpus_golden
import corpus_update
import msgspec
import pytest
from corpus_cases import CORPUS, RECORDED, Made, RecordedHead, judged, read_cases, read_lines, rules_reached
from corpus_golden import Golden, complaints, judge_all, read_golden, refusals, to_bytes
from corpus_made import pairs, runs, turns
from corpus_make import THEMES, made_histories

from poolgate.verdict.rules import RULES, reached
from poolgate.verdict.words import After, Burst

MODULE = reached.__module__
CASES = read_cases()


@functools.cache
def now() -> dict[str, Any]:
    """Return today's judgements."""
    return judge_all(CASES)


@functools.cache
def golden_now() -> Golden:
    """Return them as they are stored."""
    return Golden(dict(RULES), now())


def test_every_case_has_its_stored_judgement() -> None:
    assert complaints(read_golden(), CASES, now(), RULES) == []


def test_the_stored_bytes_are_those_that_the_command_writes() -> None:
    assert corpus_golden.GOLDEN.read_bytes() == to_bytes(golden_now())


def test_what_is_declared_is_what_is_stored() -> None:
    declared = {made.name for theme in made_histories().values() for made in theme}
    declared |= {series.name for series in runs.made()} | {pair.name for pair in pairs.made()}
    declared |= {row.name for row in turns.made()}
    stored = {name for name in CASES if not name.startswith("recorded/")}
    assert declared == stored, "run `make corpus`"
    made = [line.name for path in (CORPUS / "made").glob("*.jsonl") for line in read_lines(path, Made)]
    assert len(made) == len(set(made))
    assert len(THEMES) == 9


@pytest.mark.parametrize("word", [*Burst, *After])
def test_every_word_is_met_and_missed_by_a_history_that_can_reach_it(word: Burst | After) -> None:
    axis = "burst" if isinstance(word, Burst) else "after"
    words = {now()[name].get(axis) == word.value for name in CASES if word.value in rules_reached(CASES[name])}
    assert words == {True, False}


@pytest.mark.parametrize(
    "rule", ["lateness", "ends", "notes", "sweep", "summary", "sampling", "evidence", "comparison"]
)
def test_every_other_rule_is_reached(rule: str) -> None:
    assert sum(rule in rules_reached(case) for case in CASES.values()) >= 10


def test_no_word_is_met_by_a_history_that_cannot_reach_it() -> None:
    for name, judgement in now().items():
        words = {judgement[axis] for axis in ("burst", "after") if axis in judgement}
        assert words <= rules_reached(CASES[name]), name


def test_a_recorded_history_names_its_command() -> None:
    for path in RECORDED.glob("*.jsonl"):
        head = msgspec.json.decode(path.read_bytes().partition(b"\n")[0], type=RecordedHead)
        assert head.command.startswith("poolgate run ")


def test_a_recorded_history_names_no_directory_of_the_machine_that_recorded_it() -> None:
    for path in RECORDED.glob("*.jsonl"):
        assert re.findall(rb"\"/\w+/[^\"]*\"", path.read_bytes()) == [], path.name


def changed(name: str, **fields: Any) -> Golden:
    """The stored judgements as if this one had been another; a field that is None is absent."""
    golden = copy.deepcopy(golden_now())
    now = {**golden.judgements[name], **fields}
    golden.judgements[name] = {field: value for field, value in now.items() if value is not None}
    return golden


def raised(*rules: str) -> dict[str, int]:
    return {rule: number + (rule in rules) for rule, number in RULES.items()}


SERVES, DUE, LATE = "serves/at-once", "back-pressure/as-due", "lateness/server-0.51"
SWEPT, SERIES, PAIR = "sweep/whole", "summary/fails", "comparison/passes-then-leaks"
UNJUDGED: dict[str, Any] = {
    "status": "unknown",
    "burst": None,
    "after": None,
    "key": None,
    "slots": None,
    "reason": "why",
}
CHANGES: list[tuple[str, dict[str, Any], str]] = [
    (SERVES, {"burst": "hangs", "key": "hangs/serves"}, "hangs"),
    (SERVES, {"burst": "pool-timeout", "key": "pool-timeout/serves/PoolTimeout"}, "pool-timeout"),
    (DUE, {"burst": "missing-timeout", "key": "missing-timeout/serves"}, "missing-timeout"),
    (SERVES, {"after": "late", "key": "completes/late"}, "late"),
    (SERVES, {"after": "leaks", "key": "completes/leaks"}, "leaks"),
    (SERVES, {"after": "dead", "key": "completes/dead"}, "dead"),
    (SERVES, {"expected": {"ok": 3}}, "evidence"),
    (SERVES, {"late": True, **UNJUDGED}, "lateness"),
    (SERVES, UNJUDGED, "ends"),
    (LATE, {"late": None}, "lateness"),
    ("super-linear/flat", {"cost": None}, "super-linear"),
    ("super-linear/rising", {"burst": "completes", "key": "completes/serves"}, "super-linear"),
    (SWEPT, {"burst": "hangs", "key": "hangs/serves"}, "sweep"),
    (SERIES, {"outcome": {}}, "summary"),
    (SERIES, {"wanted": [1, 1, 1]}, "sampling"),
    (PAIR, {"change": "same"}, "comparison"),
]


@pytest.mark.parametrize(("name", "fields", "rule"), CHANGES)
def test_a_changed_judgement_names_the_rule_whose_number_is_to_be_raised(
    name: str, fields: dict[str, Any], rule: str
) -> None:
    golden = changed(name, **fields)
    (sentence,) = complaints(golden, CASES, now(), RULES)
    assert sentence.startswith(f"{name}: ")
    assert f"raise the number of {rule!r}" in sentence
    assert sentence.endswith(f"in {MODULE}, then run `make corpus`")


@pytest.mark.parametrize(("name", "fields", "rule"), CHANGES)
def test_a_changed_judgement_is_stored_only_with_a_raised_number(name: str, fields: dict[str, Any], rule: str) -> None:
    golden = changed(name, **fields)
    assert len(refusals(golden, CASES, now(), RULES)) == 1
    unreached = RULES.keys() - rules_reached(CASES[name])
    assert len(refusals(golden, CASES, now(), raised(*unreached))) == 1
    assert refusals(golden, CASES, now(), raised(rule)) == []
    assert complaints(golden, CASES, now(), raised(rule)) != []


def test_a_number_accounts_for_no_change_that_comes_after_it() -> None:
    """Once the judgements are stored under the raised number, the next change needs the next one."""
    golden = changed(SERVES, burst="hangs", key="hangs/serves")
    golden.rules = raised("hangs")
    assert len(refusals(golden, CASES, now(), raised("hangs"))) == 1


def test_a_number_is_never_lowered() -> None:
    golden = Golden(raised("hangs"), now())
    assert refusals(golden, CASES, now(), RULES) == [
        "the number of 'hangs' is lower than the stored one: numbers are only raised"
    ]


def test_a_raised_number_is_stored() -> None:
    (sentence,) = complaints(golden_now(), CASES, now(), raised("hangs"))
    assert sentence == "the stored judgements name other numbers of rules; run `make corpus`"
    assert refusals(golden_now(), CASES, now(), raised("hangs")) == []


@pytest.mark.parametrize(
    ("name", "words"),
    [
        (LATE, {"reason": "the machine was slow"}),
        (SERVES, {"notes": ["served out of order"]}),
        (SWEPT, {"notes": ["a cancellation was swallowed"]}),
        (SERIES, {"outcome": {**judged(CASES[SERIES])["outcome"], "notes": ["differs from run to run"]}}),
        (PAIR, {"remark": "the rates are not known"}),
    ],
)
def test_another_wording_needs_no_number(name: str, words: dict[str, Any]) -> None:
    golden = changed(name, **words)
    (sentence,) = complaints(golden, CASES, now(), RULES)
    assert sentence.startswith(f"{name}: ")
    assert sentence.endswith("no stored verdict depends on these words: run `make corpus`")
    assert refusals(golden, CASES, now(), RULES) == []


def test_two_changes_of_one_history_need_both_numbers() -> None:
    golden = changed(SERVES, burst="hangs", after="leaks", key="hangs/leaks")
    assert len(refusals(golden, CASES, now(), raised("hangs"))) == 1
    assert len(refusals(golden, CASES, now(), raised("leaks"))) == 1
    assert refusals(golden, CASES, now(), raised("hangs", "leaks")) == []


@pytest.fixture
def stored(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A copy of the stored judgements, which the command replaces."""
    path = tmp_path / "judgements.jsonl"
    path.write_bytes(to_bytes(golden_now()))
    for module in (corpus_golden, corpus_update):
        monkeypatch.setattr(module, "GOLDEN", path)
    return path


def test_the_command_refuses_and_writes_nothing(
    monkeypatch: pytest.MonkeyPatch, stored: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = to_bytes(changed(SERVES, burst="hangs", key="hangs/serves"))
    stored.write_bytes(before)
    assert corpus_update.main() == 1
    assert stored.read_bytes() == before
    assert f"raise the number of 'hangs' or 'evidence' in {MODULE}" in capsys.readouterr().err
    monkeypatch.setattr(corpus_update, "RULES", raised("hangs"))
    assert corpus_update.main() == 0
    assert stored.read_bytes() == to_bytes(Golden(raised("hangs"), now()))


def test_a_deleted_file_is_not_made_anew(stored: Path, capsys: pytest.CaptureFixture[str]) -> None:
    stored.unlink()
    assert corpus_update.main() == 1
    assert not stored.exists()
    assert "judgements.jsonl is missing: restore it" in capsys.readouterr().err


def test_a_deleted_row_is_not_made_anew(stored: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rows = stored.read_bytes().splitlines(keepends=True)
    stored.write_bytes(b"".join(rows[:1] + rows[2:]))
    assert corpus_update.main() == 1
    name = msgspec.json.decode(rows[1])["case"]
    assert f"{name}: its stored judgement is missing; restore it" in capsys.readouterr().err


def test_an_edited_row_does_not_replace_a_raised_number(stored: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The committed judgement differs from today's; the one in the directory was edited to agree."""
    stored.write_bytes(to_bytes(changed(SERVES, burst="hangs", key="hangs/serves")))
    for command in ("init -q", "add .", "-c user.name=a -c user.email=a@b.example commit -q -m one"):
        subprocess.run(["git", *command.split()], cwd=stored.parent, check=True)
    stored.write_bytes(to_bytes(golden_now()))
    assert corpus_update.main() == 1
    assert "raise the number of 'hangs' or 'evidence'" in capsys.readouterr().err


def test_a_new_or_dropped_case_is_reported() -> None:
    golden = Golden(dict(RULES), {name: judgement for name, judgement in now().items() if name != SERVES})
    golden.judgements["serves/once"] = now()[SERVES]
    assert complaints(golden, CASES, now(), RULES) == [
        f"{SERVES}: it has no stored judgement; run `make corpus`",
        "serves/once: it is not in the corpus any more; run `make corpus`",
    ]

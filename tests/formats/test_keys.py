"""Texts for people have no keys, but with `--keys`; JSON always has them, and nothing else changes."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import msgspec
import pytest
from answers.test_bisect import ANSWERS
from support import example_answers
from support.answers import cell
from support.histories import history_of, load_of, run

from formats.test_formats import ANSWER
from poolgate.answers.release_line.flips import FlipsAnswer
from poolgate.answers.verify import VerifyAnswer
from poolgate.answers.workarounds.answer import WorkaroundsAnswer
from poolgate.cli.parser import build_parser
from poolgate.formats import bisect, flips, verify, workarounds
from poolgate.formats import run as runs
from poolgate.formats.format import Format, Writers
from poolgate.protocol import history
from poolgate.scenarios.declaration.scenario import Request
from poolgate.verdict.words import After, Burst

pytestmark = pytest.mark.usefixtures("servers_shared")

Poolgate = Callable[..., tuple[int, str, str]]

KEY = re.compile(rf"\b(?:{'|'.join(Burst)})/(?:{'|'.join(After)})\b")
LOST = "pool-timeout/dead/PoolTimeout"
MEASURED = f"x fails with {LOST} on a, passes with completes/serves on b"
WITH_KEYS = {"affected", "bisect", "explain", "flips", "gate", "new", "report", "run", "verify", "workarounds"}


def _flips() -> FlipsAnswer:
    answer = example_answers.flips("a")
    flip = msgspec.structs.replace(answer.flips[0], after=cell("1.0.3", "fail"), remarks=[MEASURED])
    return msgspec.structs.replace(answer, flips=[flip])


def _verify() -> VerifyAnswer:
    answer = example_answers.verify("a")
    (claim,), (page,) = answer.claims, answer.pages
    claim = msgspec.structs.replace(claim, why=MEASURED, cells=[cell(), cell("1.0.3", "fail")])
    findings = [msgspec.structs.replace(each, measured=MEASURED) for each in page.findings]
    remedies = [msgspec.structs.replace(each, measured=MEASURED) for each in page.remedies]
    page = msgspec.structs.replace(page, findings=findings, remedies=remedies)
    return msgspec.structs.replace(answer, claims=[claim], pages=[page])


def _workarounds() -> WorkaroundsAnswer:
    answer = example_answers.workarounds("a")
    return msgspec.structs.replace(answer, tried=[msgspec.structs.replace(answer.tried[0], measured=MEASURED)])


def _bisect_writers(*, keys: bool) -> Writers[Any]:
    def text(answer: Any) -> str:
        return bisect.to_text(answer, keys=keys)

    def markdown(answer: Any) -> str:
        return bisect.to_markdown(answer, keys=keys)

    return Writers[Any](text=text, markdown=markdown)


MADE: dict[str, tuple[Callable[..., Writers[Any]], Any]] = {
    "run": (runs.writers, ANSWER),
    "flips": (flips.writers, _flips()),
    "verify": (verify.writers, _verify()),
    "workarounds": (partial(workarounds.writers, everything=True), _workarounds()),
    "bisect": (_bisect_writers, ANSWERS["bisect"]),
    "bisect-open": (_bisect_writers, ANSWERS["bisect-open"]),
}
EACH = [(verb, wanted) for verb, (writers, _) in MADE.items() for wanted in writers(keys=False).formats]


def written(verb: str, wanted: Format, *, keys: bool) -> str:
    """What is written, without the places at which HTML may wrap."""
    writers, answer = MADE[verb]
    return writers(keys=keys).write(answer, wanted).replace("<wbr>", "")


@pytest.mark.parametrize(("verb", "wanted"), [each for each in EACH if each[1] is not Format.JSON])
def test_a_text_has_words_and_no_keys(verb: str, wanted: Format) -> None:
    text = written(verb, wanted, keys=False)
    assert not KEY.search(text)
    assert "raises undue PoolTimeout and loses" in text or wanted is Format.GITHUB


@pytest.mark.parametrize(("verb", "wanted"), [each for each in EACH if each[1] not in {Format.JSON, Format.GITHUB}])
def test_a_text_has_each_key_after_its_words_on_request(verb: str, wanted: Format) -> None:
    text = written(verb, wanted, keys=True).replace("\\", "")
    plain = written(verb, wanted, keys=False).replace("\\", "")
    assert re.search(r"raises undue PoolTimeout and loses [\w ]+ \[pool-timeout/(dead|leaks)/PoolTimeout\]", text)
    assert _without_keys(text) == _without_keys(plain)


def _without_keys(text: str) -> str:
    """A text without its keys; the width of a grid and the text of an empty box differ with them."""
    bare = re.sub(rf" ?\[({KEY.pattern})[^]]*\]", "", text).replace("<small></small>", "")
    return re.sub(r"[ -]+", " ", bare)


@pytest.mark.parametrize("verb", MADE)
def test_json_does_not_change(verb: str) -> None:
    assert written(verb, Format.JSON, keys=True) == written(verb, Format.JSON, keys=False)
    assert KEY.search(written(verb, Format.JSON, keys=False))


def test_each_verb_that_prints_verdicts_has_the_option() -> None:
    (verbs,) = [action for action in build_parser()._actions if action.dest == "verb"]
    options = {verb: parser._option_string_actions for verb, parser in dict(verbs.choices or {}).items()}
    assert {verb for verb, known in options.items() if "--keys" in known} == WITH_KEYS


STORED = [
    ("report", "--shipped"),
    ("report", "--shipped", "--format", "markdown"),
    ("affected", "httpx==0.28.1", "--all"),
    ("gate", "--base", "httpx2==2.16.2", "--head", "httpx==0.28.1", "--budget", "0", "--all"),
    ("verify", "httpx-627", "--budget", "0"),
    ("workarounds", "queue-timeout", "--target", "httpx==0.27.0", "--budget", "0", "--all"),
]


@pytest.mark.parametrize("words", STORED, ids=lambda words: words[0])
def test_a_verb_prints_keys_only_on_request(words: tuple[str, ...], poolgate: Poolgate) -> None:
    code, out, err = poolgate(*words)
    assert not KEY.search(out + err)
    code_with_keys, with_keys, _ = poolgate(*words, "--keys")
    assert KEY.search(with_keys)
    assert code == code_with_keys


def test_a_stored_history_is_explained_with_its_key(poolgate: Poolgate, tmp_path: Path) -> None:
    path = tmp_path / "results.jsonl"
    path.write_bytes(history.dump(history_of(run(load_of(1, Request("r0", hold=1.0, pool_timeout=9.0))))))
    assert ": pass\n" in poolgate("explain", str(path))[1]
    assert ": pass [completes/serves]\n" in poolgate("explain", str(path), "--keys")[1]


def test_what_is_measured_has_its_keys_on_request(poolgate: Poolgate) -> None:
    """On two real releases, measured once: `flips` first, and the others from the ledger."""
    for words in (
        ("flips", "cancel-task-group", "--line", "httpcore:1.0.2..1.0.3"),
        ("run", "cancel-task-group", "--target", "httpcore==1.0.2"),
        ("bisect", "cancel-task-group", "--line", "httpcore", "--good", "1.0.3", "--bad", "1.0.2"),
    ):
        code, out, err = poolgate(*words)
        assert code == 0, err
        assert "raises undue PoolTimeout and loses every slot" in out
        assert not KEY.search(out + err)
        assert f"loses every slot [{LOST}]" in poolgate(*words, "--keys")[1]

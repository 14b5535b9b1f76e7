"""The gate: comparison, accepted deviations, the smallest fix, and pairs of real locks."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import msgspec
import pytest
from conftest import DATA
from support.answers import cell
from support.golden_files import golden, undated

from poolgate.answers.accepted import Deviation, load_deviations
from poolgate.answers.gate.answer import (
    Compared,
    Destination,
    Fix,
    GateAnswer,
    NotExercised,
    Placed,
    Side,
    accept,
    exit_for,
    judged,
)
from poolgate.answers.gate.families import Family, Relation
from poolgate.environments.public_api import SurfaceChange
from poolgate.errors import Exit
from poolgate.formats.format import Format
from poolgate.formats.gate import WRITERS, render
from poolgate.scenarios import declared
from poolgate.verdict.compare import compare
from poolgate.verdict.outcome import CellResult, name_of

pytestmark = pytest.mark.usefixtures("servers_shared")

Poolgate = Callable[..., tuple[int, str, str]]
LOCKS = DATA / "locks"
TODAY = date(2026, 1, 31)

BASE = Side(spec="lock:uv.lock?rev=main", python="3.11.7", packages={"httpx": "0.28.1", "httpcore": "1.0.3"})
HEAD = Side(spec="lock:uv.lock", python="3.11.7", packages={"httpx": "0.28.1", "httpcore": "1.0.2"})
FAMILY = Family(client="httpx", relation=Relation.CHANGED, base=BASE.packages, head=HEAD.packages)
EMPTY = GateAnswer(
    base=BASE, head=HEAD, changed={"httpcore": ["1.0.3", "1.0.2"], "h2": [None, "4.1.0"]}, families=[FAMILY]
)
WORSE = (cell("1.0.3"), cell("1.0.2", "fail"))
BETTER = (cell("1.0.3", "fail", variant={"ending": "close"}), cell("1.0.2", variant={"ending": "close"}))
SAME = tuple(cell(release, scenario="sequential-reuse") for release in ("1.0.3", "1.0.2"))
UNKNOWN = (cell("1.0.3", scenario="queue-timeout"), cell("1.0.2", "unknown", scenario="queue-timeout"))
MISSING = NotExercised(scenario="h2-streams", client="httpx", reason="no time", decides=False)


def compared(*pairs: tuple[CellResult, ...], **fields: Any) -> list[Placed]:
    """Both results of each pair as the gate compares them."""
    found = []
    for base, head in pairs:
        change, remark = compare(base, head)
        cell = Compared(scenario=name_of(head), client="httpx", base=base, head=head, remark=remark)
        found.append((change, msgspec.structs.replace(cell, **fields)))
    return found


ALL = compared(WORSE, BETTER, SAME, UNKNOWN)


def deviation(scenario: str = "gather-over-limit", target: str = "httpcore==1.0.2", day: int = 31) -> Deviation:
    return Deviation(
        scenario=scenario,
        target=target,
        link="https://example.org/1",
        reason="we never <wait>",
        expires=date(2026, 1, day),
    )


def example() -> GateAnswer:
    fixes = [
        Fix(
            scenario="gather-over-limit",
            target="httpx==0.28.1,httpcore==1.0.3",
            change={"httpcore": ["1.0.2", "1.0.3"]},
            tried=3,
        ),
        Fix(scenario="queue-timeout", target=None, change={}, tried=9),
    ]
    surface = [SurfaceChange("client default DEFAULT_LIMITS", "Limits(100)", None)]
    unneeded = deviation("queue-timeout")
    answer = accept(judged(EMPTY, ALL, [MISSING]), [deviation("gather-over-limit", day=1), unneeded], TODAY)
    place = Destination(
        client="httpx", target="httpx==0.28.1,httpcore==1.0.3", change={"httpcore": ["1.0.2", "1.0.3"]}, clears=1, of=1
    )
    return msgspec.structs.replace(answer, fixes=fixes, destinations=[place], surface=surface, remarks=["a remark"])


@pytest.mark.parametrize("wanted", WRITERS.formats)
def test_a_comparison_is_written_as_in_the_golden_files(wanted: Format) -> None:
    assert undated(render(example(), wanted)) == golden("gate", wanted)


def test_more_than_ten_annotations_are_a_count() -> None:
    many = [placed for n in range(14) for placed in compared(WORSE, scenario=f"scenario-{n}")]
    lines = render(judged(EMPTY, many, []), Format.GITHUB).splitlines()
    assert [line.partition(" ")[0] for line in lines] == ["::error"] * 10 + ["::notice"]
    assert "4 more annotations are left out; --format markdown has them" in lines[-1]


def test_the_short_text_is_one_screen_and_all_has_the_rest() -> None:
    many = [placed for n in range(40) for placed in compared(WORSE, scenario=f"scenario-{n}")]
    left = [msgspec.structs.replace(MISSING, scenario=f"h2-{n}", reason=f"reason {n}") for n in range(40)]
    answer = msgspec.structs.replace(judged(EMPTY, many, left), remarks=[f"remark {n}" for n in range(40)])
    assert len(render(answer, Format.TEXT).splitlines()) <= 24
    everything = render(answer, Format.TEXT, everything=True)
    assert all(name in everything for name in ("scenario-39", "h2-39", "reason 39", "remark 39"))


def test_many_situations_fit_on_one_screen_too() -> None:
    sides = {name: tuple(msgspec.structs.replace(side, scenario=name) for side in WORSE) for name in declared()}
    many = [placed for name, pair in sides.items() for placed in compared(pair, scenario=name)]
    answer = msgspec.structs.replace(judged(EMPTY, many, [MISSING]), remarks=["one", "another"])
    lines = render(answer, Format.TEXT).splitlines()
    assert len(lines) <= 24
    assert any(line.startswith("and in ") for line in lines)


def test_a_gate_that_ran_nothing_says_so_in_every_format() -> None:
    expected = "no worse: no package that matters to the pool has changed"
    nothing = GateAnswer(base=BASE, head=HEAD, changed={})
    for wanted in set(WRITERS.formats) - {Format.JSON, Format.SARIF, Format.MARKDOWN}:
        assert expected in render(nothing, wanted), wanted
    assert json.loads(render(nothing, Format.SARIF))["runs"][0]["results"] == []


def test_each_cell_is_sorted_into_its_place_and_what_is_unknown_was_not_exercised() -> None:
    answer = judged(EMPTY, ALL, [MISSING])
    names = {
        place: [cell.scenario for cell in getattr(answer, place)]
        for place in ("worse", "better", "same", "unknown", "not_exercised")
    }
    assert names == {
        "worse": ["gather-over-limit"],
        "better": ["gather-over-limit[ending=close]"],
        "same": ["sequential-reuse"],
        "unknown": ["queue-timeout"],
        "not_exercised": ["queue-timeout", "h2-streams"],
    }
    (family,) = answer.families
    assert (family.worse, family.better, family.same, family.not_exercised) == (1, 1, 1, 2)
    assert (answer.from_evidence, answer.measured) == (0, 3)


def test_the_exit_code_is_that_of_the_worst_cell() -> None:
    assert exit_for(EMPTY) is Exit.FINE
    assert exit_for(judged(EMPTY, compared(SAME, BETTER), [])) is Exit.FINE
    assert exit_for(judged(EMPTY, compared(UNKNOWN), [])) is Exit.INCONCLUSIVE
    assert exit_for(judged(EMPTY, ALL, [])) is Exit.WORSE
    gone = msgspec.structs.replace(EMPTY, base=msgspec.structs.replace(BASE, reason="x"))
    assert exit_for(judged(gone, compared(UNKNOWN), [])) is Exit.INCONCLUSIVE
    both = msgspec.structs.replace(gone, head=msgspec.structs.replace(HEAD, reason="x"))
    assert exit_for(judged(both, compared(UNKNOWN), [])) is Exit.HARNESS


@pytest.mark.parametrize(
    ("exercised", "missing", "code"),
    [
        # A core scenario was exercised: what was not is counted, and does not stop the gate.
        ([True], [True, False], Exit.FINE),
        ([True, False], [], Exit.FINE),
        # Only other scenarios were exercised, although the selection has core ones.
        ([False], [True], Exit.INCONCLUSIVE),
        # The selection has no core scenario: any of it is enough.
        ([False], [False], Exit.FINE),
        ([], [False], Exit.INCONCLUSIVE),
        ([], [True], Exit.INCONCLUSIVE),
        # No selected scenario goes through a changed package.
        ([], [], Exit.FINE),
    ],
)
def test_a_changed_family_needs_an_exercised_core_or_cancellation_cell(
    exercised: list[bool], missing: list[bool], code: Exit
) -> None:
    cells = [placed for decides in exercised for placed in compared(SAME, decides=decides)]
    left = [msgspec.structs.replace(MISSING, decides=decides) for decides in missing]
    answer = judged(EMPTY, cells, left)
    assert exit_for(answer) is code
    assert f"{len(missing)} not exercised" in render(answer, Format.TEXT).splitlines()[0] or not (exercised or missing)


def test_each_changed_family_needs_its_own_cells() -> None:
    """A second family that nothing exercised is never covered by the cells of the first."""
    second = msgspec.structs.replace(FAMILY, client="httpx2", relation=Relation.APPEARS, head={"httpx2": "2.4.0"})
    answer = msgspec.structs.replace(EMPTY, families=[FAMILY, second])
    missing = [msgspec.structs.replace(MISSING, client="httpx2", decides=True)]
    judged_answer = judged(answer, compared(SAME), missing)
    assert exit_for(judged_answer) is Exit.INCONCLUSIVE
    assert render(judged_answer, Format.TEXT).startswith("undecided: httpx2 2.4.0 was not exercised")


def test_a_core_cell_that_chance_may_explain_does_not_pass() -> None:
    """Six passes of six, then 14 failures of 24, are too little to call it worse, and too much to call it fine."""
    pair = (cell("1.0.3", runs=6), cell("1.0.2", "flaky", failed=14, runs=24))
    answer = judged(EMPTY, compared(pair, suspect=True) + compared(SAME), [])
    assert exit_for(answer) is Exit.INCONCLUSIVE
    assert exit_for(judged(EMPTY, compared(pair) + compared(SAME), [])) is Exit.FINE
    first, second, *_ = render(answer, Format.TEXT).splitlines()
    assert first.startswith("undecided: httpx 0.28.1 with httpcore 1.0.2 loses every slot in 14 of 24 runs, which may")
    assert second.startswith("do: measure it: poolgate gate --base ")


def test_an_accepted_cell_does_not_fail_the_gate() -> None:
    answer = accept(judged(EMPTY, compared(WORSE), []), [deviation()], TODAY)
    assert ([accepted.cell.scenario for accepted in answer.accepted], answer.worse) == (["gather-over-limit"], [])
    assert (answer.expired, answer.unneeded) == ([], [])
    assert exit_for(answer) is Exit.FINE
    assert render(answer, Format.TEXT).startswith("no worse: 1 accepted (")


@pytest.mark.parametrize(
    ("entry", "expired", "unneeded"),
    [
        (deviation(day=30), True, False),
        (deviation("sequential-reuse"), False, True),
        (deviation(target="httpcore==1.0.3"), False, True),
        (deviation("gather-over-limit[ending=close]"), False, True),
    ],
)
def test_an_expired_or_unneeded_deviation_is_reported_and_accepts_nothing(
    entry: Deviation, expired: bool, unneeded: bool
) -> None:
    answer = accept(judged(EMPTY, compared(WORSE), []), [entry], TODAY)
    assert (answer.expired == [entry], answer.unneeded == [entry]) == (expired, unneeded)
    assert answer.accepted == []
    assert exit_for(answer) is Exit.WORSE


GOOD = """\
[[accept]]
scenario = "gather-*[*]"
target = "httpcore==1.0.2"
link = "https://example.org/1"
reason = "we never wait"
expires = 2026-01-31
"""


def test_accepted_deviations_are_read_from_a_file(tmp_path: Path) -> None:
    (tmp_path / "accept.toml").write_text(GOOD)
    (found,) = load_deviations(tmp_path / "accept.toml")
    assert found.expires == TODAY
    assert found.covers("gather-over-limit[ending=close]", {"httpcore": "1.0.2", "httpx": "0.28.1"})
    assert not found.covers("gather-over-limit", {"httpcore": "1.0.3"})


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("[", "can't be read as TOML: "),
        ("accept = 1\n", "Expected `array`, got `int` - at `$.accept`; each [[accept]] has scenario, target, link"),
        (GOOD.replace("expires", "until"), "until"),
        (GOOD.replace("2026-01-31", "'soon'"), "Invalid RFC3339 encoded date"),
        (GOOD.replace("httpcore==1.0.2", "httpcore"), "target 'httpcore' is not a pin; write httpcore==1.0.2"),
        (GOOD.replace("we never wait", " "), "is accepted without a reason or a link; add both"),
        (GOOD.replace("gather-*[*]", "gather-over-limits"), "no scenario is called 'gather-over-limits'; did you mean"),
        (GOOD.replace("gather-*[*]", "nope*"), "no scenario matches 'nope*'"),
        (None, "can't be read: No such file or directory"),
    ],
)
def test_an_invalid_file_of_deviations_is_one_line(
    poolgate: Poolgate, tmp_path: Path, text: str | None, expected: str
) -> None:
    path = tmp_path / "accept.toml"
    if text is not None:
        path.write_text(text)
    pair = ("--base", "httpx==0.28.1", "--head", "httpx==0.27.2")
    code, out, err = poolgate("gate", *pair, "--accept", str(path))
    assert (code, out) == (2, "")
    assert err.startswith(f"poolgate: {path}")
    assert expected in err
    assert len(err.splitlines()) == 1


LOCK_PAIRS = [
    # No package that matters has changed: other certificates, another format, a lock compared with itself.
    ("newest/uv.lock", "certificates/uv.lock", 0),
    ("newest/pylock.toml", "certificates/requirements.txt", 0),
    ("newest/poetry.lock", "certificates/poetry.lock", 0),
    ("httpx2/uv.lock", "httpx2/poetry.lock", 0),
    ("cancel-leak/requirements.txt", "cancel-leak/requirements.txt", 0),
    # Only packages that this scenario does not use have changed.
    ("http2-old/uv.lock", "http2/pylock.toml", 0),
    ("newest/uv.lock", "http2/requirements.txt", 0),
    # The pool is broken again. No ledger has this pair, so it is measured.
    ("pool-fixed/uv.lock", "cancel-leak/uv.lock", 1),
    # A lock that can't be read, has no client, has no solution, or names a future release.
    ("newest/uv.lock", "no-client/uv.lock", 2),
    ("newest/uv.lock", "made/unreadable.lock", 2),
    ("newest/uv.lock", "made/impossible.txt", 3),
    ("made/impossible.txt", "made/future.txt", 5),
    ("newest/uv.lock", "made/future.txt", 3),
]
MADE = {
    "unreadable.lock": "[[package]\n",
    "impossible.txt": "httpx==0.28.1\nhttpcore==0.9.0\n",
    "future.txt": "httpx==99.0\nhttpcore==1.0.9\n",
}


@pytest.mark.parametrize(("base", "head", "code"), LOCK_PAIRS)
def test_pairs_of_real_locks(poolgate: Poolgate, tmp_path: Path, base: str, head: str, code: int) -> None:
    for name, text in MADE.items():
        (tmp_path / name).write_text(text)
    where = [
        str((tmp_path if name.startswith("made/") else LOCKS) / name.removeprefix("made/")) for name in (base, head)
    ]
    words = ("cancel-task-group", "--base", f"lock:{where[0]}", "--head", f"lock:{where[1]}", "--jobs", "2")
    got, out, err = poolgate("gate", *words, "--format", "json")
    assert got == code, out + err
    if code == 2:
        assert (out, len(err.splitlines())) == ("", 1)
        return
    answer = json.loads(out)
    assert (answer["schema"], answer["version"]) == ("poolgate/gate", 1)
    assert bool(answer["worse"]) == (code == 1)
    assert bool(answer["not_exercised"]) == (code in {3, 5})


def test_the_smallest_fix_is_the_pool_alone(poolgate: Poolgate) -> None:
    """Client and h11 keep their versions: encode/httpcore#880 was fixed by one release of the pool."""
    head = f"lock:{LOCKS}/cancel-leak/uv.lock"
    words = ("--base", "httpx==0.27.2", "--head", head, "--jobs", "2", "--min-fix", "--budget", "600")
    code, out, err = poolgate("gate", "cancel-task-group", *words, "--format", "json")
    assert code == 1, err
    (fix,) = json.loads(out)["fixes"]
    assert fix["change"] == {"httpcore": ["1.0.2", "1.0.3"]}
    text = poolgate("gate", "cancel-task-group", *words)[1]
    assert text.splitlines()[1] == "do: httpcore 1.0.2 to 1.0.3 clears cancel-task-group"
    assert poolgate("run", "cancel-task-group", "--target", fix["target"], "--fail-on", "flaky")[0] == 0


def test_an_accepted_deviation_lets_a_head_pass(
    poolgate: Poolgate, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The file is read from the current directory, and its reason is printed with the cell."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".poolgate-accept.toml").write_text(
        GOOD.replace("gather-*[*]", "cancel-task-group").replace("2026-01-31", "9999-12-31")
    )
    words = ("--base", "httpcore==1.0.3", "--head", "httpcore==1.0.2", "--jobs", "2")
    code, out, err = poolgate("gate", "cancel-task-group", *words)
    assert code == 0, err
    assert out.startswith("no worse: 1 accepted (")
    assert "accepted until 9999-12-31: cancel-task-group (we never wait)" in out
    assert (
        "we never wait (https://example.org/1), on httpcore==1.0.2, until 9999-12-31"
        in poolgate("gate", "cancel-task-group", *words, "--all")[1]
    )


def test_equal_relevant_packages_need_no_run(poolgate: Poolgate) -> None:
    words = ("--base", f"lock:{LOCKS}/newest/uv.lock", "--head", f"lock:{LOCKS}/certificates/uv.lock")
    code, out, err = poolgate("gate", *words)
    assert (code, err) == (0, "")
    assert out.startswith("no worse: no package that matters to the pool has changed\n")


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (("--head", "httpx==0.28.1"), "is not a lock of the working tree, so its base has to be named: --base SPEC"),
        (("--head", "lock:uv.lock?rev=x"), "is not a lock of the working tree, so its base has to be named"),
        (("--budget", "soon"), "'soon' is not a whole number from 0 to 86400"),
        (("--base", "httpx", "--head", "httpx==0.28.1"), "'httpx' is not a target; write httpx==0.27.2"),
        (("nope", "--base", "httpx==0.28.1", "--head", "httpx==0.28.1"), "no scenario is called 'nope'"),
    ],
)
def test_usage_errors(poolgate: Poolgate, words: tuple[str, ...], expected: str) -> None:
    code, out, err = poolgate("gate", *words)
    assert (code, out) == (2, "")
    assert expected in err

"""`poolgate bisect` on a repository of real releases and along lines: the right commit, also when interrupted."""

from __future__ import annotations

import json
import math
import shlex
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest
from conftest import DATA
from support.clones import clone_of, commit, git, released

from poolgate.answers.bisect.answer import BisectAnswer
from poolgate.answers.bisect.log import Log
from poolgate.answers.bisect.search import Side
from poolgate.answers.bisect.step import Step
from poolgate.errors import UsageError
from poolgate.formats.bisect import to_markdown, to_text
from poolgate.formats.format import to_json
from poolgate.verdict.words import Status

pytestmark = pytest.mark.usefixtures("servers_shared")

Poolgate = Callable[..., tuple[int, str, str]]
GOLDEN = DATA / "golden"
_ENDS = ("--good", "1.0.3", "--bad", "1.0.2")
VERSIONS = [f"1.0.{n}" for n in range(10)]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, str]]:
    """A clone of ten releases; between them commits that change nothing, and one that does not build."""
    place = tmp_path_factory.mktemp("clone") / "httpcore"
    ids = clone_of(place, VERSIONS[:2])
    (place / "README.md").write_text("words\n")
    ids["docs"] = commit(place, "Words")
    ids.update({version: released(place, version) for version in VERSIONS[2:5]})
    whole = (place / "pyproject.toml").read_text()
    (place / "pyproject.toml").write_text("[build-system]\nrequires = []\nbuild-backend = 'nothing'\n")
    ids["broken"] = commit(place, "A slip <script>`rm`</script>")
    (place / "pyproject.toml").write_text(whole)
    ids["repaired"] = commit(place, "It builds again")
    ids.update({version: released(place, version) for version in VERSIONS[5:]})
    return place, ids


def answer_of(out: str) -> dict[str, Any]:
    answer: dict[str, Any] = json.loads(out)
    return answer


def test_the_commit_that_fixed_it_is_found(
    made: tuple[Path, dict[str, str]], poolgate: Poolgate, tmp_path: Path
) -> None:
    clone, ids = made
    (clone / "httpcore" / "local.py").write_text("# work in progress\n")
    words = ("bisect", "cancel-task-group", "--git", str(clone), "--good", "main", "--bad", ids["1.0.0"])
    log = tmp_path / "bisect.log"
    code, out, err = poolgate(*words, "--format", "json", "--log", str(log))
    answer = answer_of(out)
    assert (code, answer["change"], answer["package"]) == (0, "repaired", "httpcore"), err
    assert answer["found"]["name"] == ids["1.0.3"]
    assert answer["sought"] == ["pool-timeout/dead/PoolTimeout"]
    assert answer["places"] == len(VERSIONS) + 2, "a commit that changes only words is none of them"
    assert answer["cells"] <= math.ceil(math.log2(answer["places"])) + 2
    assert answer["confidence"] >= 0.95

    # The user's checkout and repository are as they were.
    assert git(clone, "status", "--porcelain") == "?? httpcore/local.py"
    assert len(git(clone, "worktree", "list").splitlines()) == 1
    assert git(clone, "rev-parse", "--abbrev-ref", "HEAD") == "main"

    # Another time nothing is measured: the log alone has all of it, and so has the ledger alone.
    expected = answer["steps"]
    again = poolgate(*words, "--format", "json", "--log", str(log), "--results", str(tmp_path / "empty"))
    assert answer_of(again[1])["steps"] == expected
    assert "s left]" not in again[2]
    assert answer_of(poolgate(*words, "--format", "json")[1])["found"] == answer["found"]
    assert poolgate("report", "--own")[0] == 4, "a commit is not a release, and not in the ledger of releases"

    # Git reads the log too.
    git(clone, "bisect", "replay", str(log))
    assert f"first fixed commit: [{ids['1.0.3']}]" in git(clone, "bisect", "log")
    git(clone, "bisect", "reset")


def test_the_commit_that_broke_it_is_found_by_git_too(
    made: tuple[Path, dict[str, str]], tmp_path: Path, results: Path
) -> None:
    """`git bisect run` with our step: bad is what fails, a commit that can't be built is skipped."""
    _, ids = made
    clone = tmp_path / "reverse"
    subprocess.run(["git", "clone", "--quiet", str(made[0]), str(clone)], check=True)
    for name in ("1.0.5", "broken", "1.0.3", "1.0.2", "1.0.1"):
        git(clone, "read-tree", "-u", "--reset", ids[name])
        ids_back = commit(clone, f"Back to {name}")
        if name == "1.0.2":
            breaking = ids_back
    git(clone, "bisect", "start", "HEAD", ids["1.0.9"])
    step = f"{sys.executable} -m poolgate bisect cancel-task-group --git . --step --results {results}"
    ran = git(clone, "bisect", "run", "sh", "-c", f"exec {step}")
    assert f"{breaking} is the first bad commit" in ran


def test_along_a_line_the_release_is_found(poolgate: Poolgate) -> None:
    words = ("bisect", "cancel-task-group", "--line", "httpcore", "--good", "1.0.5", "--bad", "0.18.0")
    code, out, err = poolgate(*words)
    assert code == 0, err
    assert "the failure went with 1.0.3: raises undue PoolTimeout and loses every slot\n" in out
    assert out.endswith(f"whole search again: poolgate {' '.join(words)}\n")


def test_a_release_that_broke_it_is_found_side_by_side(poolgate: Poolgate) -> None:
    words = ("bisect", "sequential-reuse", "--line", "httpx", "--good", "0.14.0", "--bad", "0.15.2", "--jobs", "2")
    answer = answer_of(poolgate(*words, "--format", "json")[1])
    assert (answer["change"], answer["found"]["name"]) == ("broken", "0.15.0")
    assert answer["sought"] == ["pool-timeout/dead/PoolTimeout"]


def test_what_is_interrupted_goes_on(made: tuple[Path, dict[str, str]], poolgate: Poolgate, results: Path) -> None:
    """After Ctrl-C every finished cell is in the ledger, and no worktree or process is left."""
    clone, ids = made
    words = ["bisect", "cancel-task-group", "--git", str(clone), "--good", ids["1.0.4"], "--bad", ids["1.0.1"]]
    command = [sys.executable, "-m", "poolgate", *words]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        for line in process.stderr:
            if "to be measured" in line:
                break
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=300)
    assert process.returncode == 130
    assert len(list((results / "commits" / "stacks").iterdir())) >= 2
    assert len(git(clone, "worktree", "list").splitlines()) == 1
    code, out, err = poolgate(*words)
    assert code == 0, err
    assert f"went with {ids['1.0.3'][:12]}" in out


def test_a_step_that_cannot_be_judged_is_skipped_and_trouble_stops_git(
    made: tuple[Path, dict[str, str]], poolgate: Poolgate, tmp_path: Path
) -> None:
    clone, ids = made
    words = ("bisect", "cancel-task-group", "--step", "--git")
    work = tmp_path / "work"
    git(clone, "worktree", "add", "--quiet", "--detach", str(work), ids["broken"])
    try:
        code, _, err = poolgate(*words, str(work))
        assert (code, f"{ids['broken'][:12]} is skip: " in err) == (125, True), err
        git(work, "checkout", "--quiet", ids["1.0.1"])
        assert poolgate(*words, str(work))[0] == 1
        assert poolgate(*words, str(work), "--bad", ids["1.0.2"])[0] == 1
        code, _, err = poolgate(*words, str(work), "--bad", ids["1.0.9"])
        assert (code, "does not fail: it does not show the sought failure" in err) == (128, True)
        git(work, "checkout", "--quiet", ids["1.0.9"])
        assert poolgate(*words, str(work))[0] == 0
    finally:
        git(clone, "worktree", "remove", "--force", str(work))
    assert poolgate(*words, "/nowhere")[0] == 128
    assert poolgate(*words, str(clone), "--line", "httpx")[0] == 128
    assert poolgate("bisect", "cancel-task-group", "--step", "--unheard-of")[0] == 128
    (tmp_path / "file").write_text("")
    assert poolgate(*words, str(clone), "--results", str(tmp_path / "file" / "x"))[0] == 129


@pytest.mark.parametrize(
    ("words", "code", "expected"),
    [
        (("--good", "main", "--bad", "main"), 2, "--good and --bad are the same commit"),
        (("--good", "nothing", "--bad", "main"), 2, "has no commit 'nothing'; `git -C"),
        (("--good=--output=x", "--bad", "main"), 2, "has no commit '--output=x'"),
        (("--good", "main"), 2, "name both ends: --good and --bad"),
        (("--good", "main", "--bad", "main", "--line", "httpx"), 2, "choose what to search: --git DIR or --line LINE"),
    ],
)
def test_an_error_is_one_line_with_the_remedy(
    made: tuple[Path, dict[str, str]], poolgate: Poolgate, words: tuple[str, ...], code: int, expected: str
) -> None:
    got, out, err = poolgate("bisect", "cancel-task-group", "--git", str(made[0]), *words)
    assert (got, out) == (code, "")
    assert expected in err
    assert len(err.splitlines()) == 1


@pytest.mark.parametrize(
    ("words", "code", "expected"),
    [
        (("all", "--line", "httpx"), 2, "'all' is more than one scenario variant; bisect takes one"),
        (("cancel-task-group",), 2, "choose what to search: --git DIR or --line LINE"),
        (("cancel-task-group", "--line", "urllib", *_ENDS), 2, "'urllib' is not a release line"),
        (("cancel-task-group", "--line", "httpcore:1.0.0..", *_ENDS), 2, "write --line httpcore"),
        (("cancel-task-group", "--line", "httpcore", "--good", "1.0.3", "--bad", "1.0.3"), 2, "are the same release"),
        (("cancel-task-group", "--line", "httpcore", "--good", "9", "--bad", "1.0.3"), 2, "is not in the catalogue"),
        (("cancel-task-group", "--git", "/nowhere", *_ENDS), 2, "--git /nowhere: there is no such folder"),
        (("cancel-task-group", "--git", "/", *_ENDS), 2, "--git /: it is not a Git repository"),
    ],
)
def test_an_error_is_one_line_without_a_clone(
    poolgate: Poolgate, words: tuple[str, ...], code: int, expected: str
) -> None:
    got, out, err = poolgate("bisect", *words)
    assert (got, out) == (code, "")
    assert err.startswith("poolgate: ")
    assert expected in err
    assert len(err.splitlines()) == 1


def test_an_unusable_clone_is_refused(
    made: tuple[Path, dict[str, str]], poolgate: Poolgate, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clone, ids = made
    words = ("bisect", "cancel-task-group", "--git")
    code, _, err = poolgate(*words, str(clone), "--good", ids["docs"], "--bad", ids["1.0.1"])
    assert (code, "nothing between" in err) == (4, True)

    other = tmp_path / "other"
    other.mkdir()
    git(other, "init", "--quiet", "--initial-branch", "main")
    first = commit(other, "Nothing yet")
    assert "holds none of httpx, httpcore" in poolgate(*words, str(other), "--good", first, "--bad", _next(other))[2]
    git(other, "checkout", "--quiet", "--orphan", "stranger")
    assert "is built on the other" in poolgate(*words, str(other), "--good", commit(other, "Alone"), "--bad", "main")[2]
    (other / "httpx").mkdir()
    (other / "httpx" / "__init__.py").write_text("__version__ = 'soon'\n")
    commit(other, "No version")
    assert "httpx states no version" in poolgate(*words, str(other), "--good", "HEAD~1", "--bad", "HEAD")[2]
    assert poolgate("run", "sequential-reuse", "--target", "git:nowhere")[2].count("write git:DIR?rev=REV") == 1
    monkeypatch.setenv("PATH", str(tmp_path))
    assert "there is no git on PATH" in poolgate(*words, str(clone), "--good", "main", "--bad", "main")[2]


def _next(place: Path) -> str:
    (place / "file").write_text("")
    return commit(place, "A file")


def test_a_commit_is_run_like_a_release(
    made: tuple[Path, dict[str, str]], poolgate: Poolgate, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its packages distinguish it from the release whose version it states, and its replay is itself."""
    clone, ids = made
    spec = f"git:{clone}?rev={ids['1.0.2']}"
    (cell,) = json.loads(poolgate("run", "sequential-reuse", "--target", spec, "--format", "json")[1])["cells"]
    assert cell["packages"]["httpcore"] == f"1.0.2+g{ids['1.0.2'][:12]}"
    assert (cell["status"], cell["line"], cell["target"]) == ("pass", None, spec)
    assert poolgate("run", "sequential-reuse", "--target", spec, "--deps", "era")[0] == 2
    (kept,) = json.loads(poolgate("report", "--own", "--format", "json")[1])["cells"]
    assert "a commit: its command is for a clone that has it" in kept["notes"]
    words = shlex.split(kept["replay"])
    assert words[:4] == ["poolgate", "run", "sequential-reuse", "--target"]
    assert poolgate("run", "sequential-reuse", *words[3:5])[0] == 2, "there is no such commit where we are now"
    monkeypatch.chdir(clone)
    (again,) = json.loads(poolgate("run", "sequential-reuse", *words[3:5], "--format", "json")[1])["cells"]
    assert (again["packages"], again["cached"]) == (cell["packages"], True)


def step_named(name: str, side: Side = Side.BAD) -> Step:
    return Step(
        name=name,
        date="2024-02-13",
        subject="Mends <b>it</b> | `now`",
        side=side,
        status={Side.GOOD: Status.PASS, Side.BAD: Status.FAIL}.get(side, Status.UNINSTALLABLE),
        keys={Side.GOOD: {"completes/serves": 6}, Side.BAD: {"pool-timeout/dead/PoolTimeout": 3}}.get(side, {}),
        runs={Side.GOOD: 6, Side.BAD: 3}.get(side, 0),
        reason="it does not build" if side is Side.SKIP else None,
        again=f"poolgate run cancel-task-group --target 'git:/clone?rev={name}' --again",
    )


def answer_for(*steps: Step, found: Step | None) -> BisectAnswer:
    return BisectAnswer(
        scenario="cancel-task-group",
        variant={"style": "native"},
        range="/clone",
        package="httpcore",
        places=8,
        good=steps[0].name,
        bad=steps[-1].name,
        change="repaired",
        sought=["pool-timeout/dead/PoolTimeout"],
        found=found,
        suspects=[found.name] if found else [step.name for step in steps[:-1]],
        skipped=[step for step in steps if step.side is Side.SKIP],
        confidence=0.968,
        cells=len(steps),
        steps=list(steps),
        replay="poolgate bisect 'cancel-task-group[style=native]' --git /clone --good 1.0.3 --bad 1.0.2",
    )


ROW = (step_named("a" * 40, Side.GOOD), step_named("c" * 40, Side.SKIP), step_named("b" * 40))
ANSWERS = {"bisect": answer_for(ROW[0], ROW[2], found=ROW[0]), "bisect-open": answer_for(*ROW, found=None)}


@pytest.mark.parametrize("name", ANSWERS)
@pytest.mark.parametrize(("suffix", "write"), [("txt", to_text), ("md", to_markdown), ("json", to_json)])
def test_the_answer_is_written_as_it_always_was(name: str, suffix: str, write: Callable[[BisectAnswer], str]) -> None:
    assert write(ANSWERS[name]) + "\n" == (GOLDEN / f"{name}.{suffix}").read_text()


def test_json_can_be_read_back() -> None:
    assert msgspec.json.decode(to_json(ANSWERS["bisect"]), type=BisectAnswer) == ANSWERS["bisect"]


def test_the_log_of_another_search_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "log"
    log = Log(path, "cancel-task-group a b", ("a", "b"), git=True, repair=True)
    log.add(list(ROW))
    assert path.read_text() == (GOLDEN / "bisect.log").read_text()
    assert list(Log(path, "cancel-task-group a b", ("a", "b"), git=True, repair=True).steps.values()) == list(ROW)
    with pytest.raises(UsageError, match="is not the log of this search: name another file"):
        Log(path, "cancel-task-group a c", ("a", "c"), git=True, repair=True)
    for broken in (b"\xff\xfe\n", b"# poolgate {\n", b"# poolgate {}\n", b""):
        path.write_bytes(broken)
        with pytest.raises(UsageError, match=r"--log .* name another file"):
            Log(path, "x", ("a", "b"), git=False, repair=False)

"""Findings from stored verdicts: on ledgers made in the test, and on the one that ships."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path

import msgspec
import pytest
from conftest import DATA
from support.answers import cell
from support.golden_files import golden, undated

from poolgate.answers.accepted import Deviation
from poolgate.answers.affected.answer import AffectedAnswer, Coverage, affected_answer
from poolgate.answers.affected.package_set import PackageSet, package_set_of
from poolgate.answers.affected.selection import selection
from poolgate.answers.inference.infer import MEANING, Basis
from poolgate.answers.inference.pool_code import load_pool_code
from poolgate.catalogue.packages import LINES
from poolgate.catalogue.releases import load
from poolgate.cells.groups import Group
from poolgate.environments.installed import Installed
from poolgate.errors import UsageError
from poolgate.formats.affected import WRITERS, render
from poolgate.formats.format import Format
from poolgate.ledger.instruments import SHIPPED, committed
from poolgate.ledger.stack import Entry, Stack
from poolgate.ledger.store import Ledger
from poolgate.verdict.words import Status

Poolgate = Callable[..., tuple[int, str, str]]
LOCKS = DATA / "locks"


def stack(status: str = "pass", *releases: str, python: str = "3.11", failed: int = 0, **packages: str) -> Stack:
    """Return a stack with one verdict; its packages are the named ones and h11."""
    outcome = cell(status=status, failed=failed, runs=24 if failed else 3)
    entry = Entry(**outcome.fields(), instrument="x", python=f"{python}.7")
    return Stack(python=python, packages={"h11": "0.14.0", **packages}, releases=list(releases), cells=[entry])


def package_set(spec: str = "lock:uv.lock", release: tuple[str, str] | None = None, **packages: str) -> PackageSet:
    return PackageSet(spec, packages, release, "3.11")


LEAKING = stack("fail", "httpcore==1.0.2", httpx="0.28.1", httpcore="1.0.2")
FIXED = stack("pass", "httpcore==1.0.3", httpx="0.28.1", httpcore="1.0.3")
NEWEST = stack("pass", "httpcore==1.0.9", "httpx==0.28.1", httpx="0.28.1", httpcore="1.0.9")
OLDER = stack("flaky", "httpx==0.27.2", failed=8, httpx="0.27.2", httpcore="1.0.9")
FORK = stack("pass", "httpx2==2.0.0", httpx2="2.0.0", httpcore2="2.0.0")
NEWER_FORK = stack("pass", "httpx2==2.16.2", httpx2="2.16.2", httpcore2="2.16.2")
STACKS = [LEAKING, FIXED, NEWEST, OLDER, FORK, NEWER_FORK]


def nearest(asked: PackageSet, stacks: list[Stack] = STACKS) -> str | None:
    (finding,) = affected_answer(asked, stacks).findings
    return finding.nearest_clean


def example() -> AffectedAnswer:
    return affected_answer(
        PackageSet("lock:my [lock].txt", {"httpx": "0.28.1", "httpcore": "1.0.2", "h11": "0.15.0"}, None, "3.12"),
        STACKS,
    )


@pytest.mark.parametrize("wanted", WRITERS.formats)
def test_findings_are_written_as_in_the_golden_files(wanted: Format) -> None:
    assert undated(render(example(), wanted)) == golden("affected", wanted)


def test_the_nearest_clean_release_is_the_next_one_on_the_same_line() -> None:
    assert (
        nearest(package_set("httpcore==1.0.2", ("httpcore", "1.0.2"), httpx="0.28.1", httpcore="1.0.2"))
        == "httpcore==1.0.3"
    )
    assert nearest(package_set("httpx==0.27.2", ("httpx", "0.27.2"), httpx="0.27.2")) == "httpx==0.28.1"


def test_for_a_pair_as_few_packages_as_possible_change() -> None:
    """A newer client is not suggested if a newer pool is enough."""
    both = stack("pass", httpx="0.29.0", httpcore="1.0.3")
    assert nearest(package_set(httpx="0.28.1", httpcore="1.0.2"), [both, *STACKS]) == "httpx==0.28.1,httpcore==1.0.3"
    assert nearest(package_set(httpx="0.28.1", httpcore="1.0.2"), [LEAKING, both]) == "httpx==0.29.0,httpcore==1.0.3"


def test_without_a_clean_release_in_the_family_the_newest_fork_is_suggested() -> None:
    asked = package_set(httpx="0.28.1", httpcore="1.0.2")
    assert nearest(asked, [LEAKING, OLDER, FORK, NEWER_FORK]) == "httpx2==2.16.2"
    assert nearest(asked, [LEAKING, OLDER]) is None


def test_an_older_release_is_never_suggested() -> None:
    late = stack("fail", "httpcore==1.0.9", httpx="0.28.1", httpcore="1.0.9")
    assert nearest(package_set(httpx="0.28.1", httpcore="1.0.9"), [late, FIXED]) is None


def test_the_stack_with_the_most_packages_in_common_counts() -> None:
    other = stack("pass", httpx="0.28.1", httpcore="1.0.2", h11="0.16.0")
    newer = affected_answer(package_set(httpx="0.28.1", httpcore="1.0.2", h11="0.16.0"), [LEAKING, other])
    older = affected_answer(package_set(httpx="0.28.1", httpcore="1.0.2", h11="0.14.0"), [LEAKING, other])
    assert ([f.status for f in newer.findings], [f.status for f in older.findings]) == ([], [Status.FAIL])


def test_two_clients_in_one_environment_are_both_reported() -> None:
    bad = stack("fail", "httpx2==2.0.0", httpx2="2.0.0", httpcore2="2.0.0")
    both = package_set(httpx="0.28.1", httpcore="1.0.2", httpx2="2.0.0", httpcore2="2.0.0")
    assert [finding.nearest_clean for finding in affected_answer(both, [LEAKING, FIXED, bad, NEWER_FORK]).findings] == [
        "httpx==0.28.1,httpcore==1.0.3",
        "httpx2==2.16.2,httpcore2==2.16.2",
    ]


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        (
            package_set(httpx="0.29.0", httpcore="1.0.4"),
            "httpx 0.29.0 is newer than the evidence, which ends with 0.28.1",
        ),
        (package_set(httpx="0.27.2", httpcore="1.0.4"), "httpx 0.27.2 and httpcore 1.0.4 were never measured together"),
        (
            package_set(httpx="0.28.1.local"),
            "httpx 0.28.1.local was never measured; measure here: `poolgate run all --target",
        ),
    ],
)
def test_what_is_not_known_is_reported(asked: PackageSet, expected: str) -> None:
    answer = affected_answer(asked, STACKS)
    assert (answer.judged, answer.findings) == (0, [])
    assert answer.verdict == "not known: no stored verdict applies"
    assert any(expected in remark for remark in answer.remarks)


def test_a_pair_that_was_never_measured_is_inferred_from_its_pool() -> None:
    """The finding names the measured pair, a remark the basis, and the command that measures the pair itself."""
    answer = affected_answer(package_set(httpx="0.27.2", httpcore="1.0.2"), STACKS)
    (one,) = answer.findings
    assert (one.inferred, one.basis) == ("httpx 0.28.1 with httpcore 1.0.2", Basis.NEAREST_CLIENT)
    assert answer.clients[0].inferred == 1
    basis, missing = answer.remarks
    assert basis == f"1 verdicts are inferred from httpx 0.28.1 with httpcore 1.0.2: {MEANING[Basis.NEAREST_CLIENT]}"
    assert missing.startswith("httpx 0.27.2 and httpcore 1.0.2 were never measured together; measure here: ")
    assert missing.endswith("`poolgate run all --target lock:uv.lock`")


def test_a_pass_of_few_runs_is_uncertain_where_a_neighbour_is_flaky() -> None:
    """The race of httpcore 1.0.2 may hide behind three equal runs of 1.0.3; eight blocks of runs would show it."""
    flaky = stack("flaky", failed=8, httpx="0.28.1", httpcore="1.0.2")
    asked = package_set(httpx="0.28.1", httpcore="1.0.3")
    expected = "1 pass is a few runs of a race that is lost on a neighbouring release: gather-over-limit"
    assert expected in affected_answer(asked, [flaky, FIXED]).remarks
    entry = msgspec.structs.replace(FIXED.cells[0], blocks=[(0, 3)] * 8)
    known = msgspec.structs.replace(FIXED, cells=[entry])
    assert expected not in affected_answer(asked, [flaky, known]).remarks
    assert expected not in affected_answer(asked, [LEAKING, FIXED]).remarks


def test_a_client_that_cannot_use_its_pool_is_affected(poolgate: Poolgate) -> None:
    """By its imports: it uses names that the pool does not have, although its requirement admits it."""
    pairs = load_pool_code().absent["httpx"]
    version, pools = next(iter(pairs.items()))
    code, out, _ = poolgate("affected", f"httpx=={version},httpcore=={next(iter(pools))}")
    assert (code, "has no" in out.splitlines()[0]) == (1, True)


@pytest.mark.parametrize("name", ["common-pair-unknown.txt", "known-bad-pair.txt"])
def test_pairs_of_common_locks_have_findings_marked_as_inferred(poolgate: Poolgate, name: str) -> None:
    code, out, _ = poolgate("affected", f"lock:{LOCKS}/{name}", "--format", "json")
    answer = json.loads(out)
    assert code == 1
    assert {"cancel-task-group"} & {one["scenario"] for one in answer["findings"]} or name.startswith("common")
    assert any(one["inferred"] for one in answer["findings"])
    assert answer["coverage"]["judged"] > 20


def test_the_shipped_verdicts_know_the_leak_of_cancelled_requests(poolgate: Poolgate) -> None:
    """encode/httpcore#880; the clean release is read from the ledger."""
    code, out, _ = poolgate("affected", "httpcore==1.0.2", "--format", "json")
    answer = json.loads(out)
    assert (code, answer["schema"], answer["target"]) == (1, "poolgate/affected", "httpcore==1.0.2")
    (finding,) = [finding for finding in answer["findings"] if finding["scenario"] == "cancel-task-group"]
    assert {"scenario", "status", "burst", "after", "rate", "nearest_clean"} <= set(finding)
    clean = finding["nearest_clean"]
    stacks = [stack for stack in Ledger(SHIPPED).stacks if clean in stack.releases]
    assert [entry.status for s in stacks for entry in [s.find("cancel-task-group", {})] if entry] == [Status.PASS]
    assert finding["command"] == "poolgate run cancel-task-group --target httpcore==1.0.2 --again"


@pytest.mark.parametrize("spec", ["httpx==99.0", "httpx==99.0@3.11", "httpx==0.28.1,httpcore==99.0"])
def test_a_version_newer_than_the_evidence_is_inconclusive(poolgate: Poolgate, spec: str) -> None:
    code, out, _ = poolgate("affected", spec)
    assert code == 3
    assert "99.0 is newer than the evidence, which ends with" in " ".join(out.split())


def conditional(*, trio: str = "fail") -> Stack:
    """Return a stack that fails a plain scenario variant, and one on trio."""
    outcomes = [cell(status="fail"), cell(status=trio, variant={"backend": "trio"})]
    cells = [Entry(**outcome.fields(), instrument="x", python="3.11.7") for outcome in outcomes]
    packages = {"httpx": "0.28.1", "httpcore": "1.0.2", "trio": "0.35.0"}
    return Stack(python="3.11", packages=packages, releases=["httpcore==1.0.2"], cells=cells)


def test_what_a_lock_does_not_contain_is_counted_only() -> None:
    lock = affected_answer(package_set(httpx="0.28.1", httpcore="1.0.2"), [conditional()])
    assert ([one.scenario for one in lock.findings], lock.absent) == (["gather-over-limit"], {"trio": 1})
    assert "1 more with trio installed" in render(lock, Format.TEXT)
    trio = affected_answer(package_set(httpx="0.28.1", httpcore="1.0.2", trio="0.35.0"), [conditional()])
    assert (len(trio.findings), trio.absent) == (2, {})


def test_a_lock_without_trio_and_h2_has_no_findings_about_them(poolgate: Poolgate) -> None:
    lock = f"lock:{LOCKS}/no-trio-no-h2.txt"
    answer = json.loads(poolgate("affected", lock, "--format", "json")[1])
    whole = json.loads(poolgate("affected", "httpx==0.28.1", "--format", "json")[1])
    assert len(answer["findings"]) + sum(answer["absent"].values()) == len(whole["findings"])
    assert set(answer["absent"]) == {"h2", "socksio", "trio"}
    assert not {"http2", "socks", "trio"} & set(answer["groups"])
    assert f"{sum(answer['absent'].values())} more with h2, socksio or trio installed" in poolgate("affected", lock)[1]


def test_without_a_lock_a_group_that_needs_a_package_comes_last_and_says_so() -> None:
    asked = package_set("httpcore==1.0.2", ("httpcore", "1.0.2"), httpx="0.28.1", httpcore="1.0.2")
    answer = affected_answer(asked, [conditional()])
    assert [(group, each.needs) for group, (each,) in answer.groups.items()] == [
        (Group.QUEUE, None),
        (Group.TRIO, "trio"),
    ]
    assert answer.verdict == "affected: requests that wait for a slot lose their slot for good"
    assert "    1 the program runs on trio (needs trio): they lose their slot for good" in render(answer, Format.TEXT)


def test_a_selection_limits_findings_and_coverage() -> None:
    asked = package_set("httpcore==1.0.2", ("httpcore", "1.0.2"), httpx="0.28.1", httpcore="1.0.2")
    trio = affected_answer(asked, [conditional()], selection([], ["trio"]))
    assert [one.scenario for one in trio.findings] == ["gather-over-limit[backend=trio]"]
    named = affected_answer(asked, [conditional()], selection(["gather-over-limit"], []))
    assert ([one.scenario for one in named.findings], named.coverage) == (["gather-over-limit"], Coverage(1, 1, 1))
    neither = affected_answer(asked, [conditional()], selection(["queue-timeout"], []))
    assert (neither.judged, neither.verdict) == (0, "not known: no stored verdict applies")


def accepting(expires: date) -> list[Deviation]:
    return [
        Deviation(
            scenario="gather-over-limit", target="httpcore==1.0.2", link="https://x", reason="known", expires=expires
        )
    ]


def test_an_accepted_finding_does_not_count_until_its_last_day() -> None:
    asked = package_set(httpx="0.28.1", httpcore="1.0.2")
    today = date(2026, 3, 1)
    accepted = affected_answer(asked, [LEAKING], selection([], [], accepting(today), today))
    assert (accepted.findings, accepted.verdict) == ([], "not affected: every finding is accepted")
    assert [each.finding.scenario for each in accepted.accepted] == ["gather-over-limit"]
    late = affected_answer(asked, [LEAKING], selection([], [], accepting(date(2026, 2, 28)), today))
    assert [one.scenario for one in late.findings] == ["gather-over-limit"]
    assert "accepted until 2026-02-28 only: gather-over-limit, httpcore==1.0.2" in render(late, Format.TEXT)


def test_a_check_in_ci_is_green_with_acceptances(poolgate: Poolgate, tmp_path: Path) -> None:
    file = tmp_path / "accept.toml"
    file.write_text(
        '[[accept]]\nscenario = "all[*]"\ntarget = "httpx==0.28.1"\nlink = "https://example.org"\n'
        'reason = "we retry"\nexpires = 2999-01-31\n'
    )
    assert poolgate("affected", "httpx==0.28.1")[0] == 1
    code, out, _ = poolgate("affected", "httpx==0.28.1", "--accept", str(file))
    assert (code, out.splitlines()[0]) == (0, "not affected: every finding is accepted")


def test_the_own_ledger_counts_and_is_named(poolgate: Poolgate, tmp_path: Path) -> None:
    own = Ledger(tmp_path / "own")
    outcome = cell(status="fail")
    own.record(
        {"httpx": "0.28.1", "httpcore": "1.0.2", "h11": "0.15.0"},
        None,
        Entry(**outcome.fields(), instrument=committed().current, python="3.11.7"),
        committed().parts,
    )
    lock = tmp_path / "requirements.txt"
    lock.write_text("httpx==0.28.1\nhttpcore==1.0.2\nh11==0.15.0\n")
    options = ("affected", f"lock:{lock}", "--scenario", "gather-over-limit")
    assert "your own ledger" not in poolgate(*options)[1]
    code, out, _ = poolgate(*options, "--results", str(tmp_path / "own"))
    assert (code, "1 verdict from your own ledger" in out) == (1, True)


@pytest.mark.parametrize("word", ["cancelation", ""])
def test_an_unknown_group_is_one_line(poolgate: Poolgate, word: str) -> None:
    code, out, err = poolgate("affected", "httpx==0.28.1", "--group", word)
    assert (code, out) == (2, "")
    assert f"{word!r} is not a group; groups are cancellation, queue, closing" in err


def test_the_text_fits_on_a_screen() -> None:
    """24 lines of 80 columns for every release of the lines; only a command may be longer."""
    stacks = Ledger(SHIPPED).stacks
    for line in LINES:
        for release in load().releases(line):
            lines = render(affected_answer(package_set_of(f"{line}=={release.version}"), stacks), Format.TEXT).split(
                "\n"
            )
            assert len(lines) <= 24
            assert [text for text in lines if len(text) > 80 and not text.startswith("  poolgate ")] == []


def test_the_key_of_a_verdict_is_printed_on_demand_only(poolgate: Poolgate) -> None:
    for option, expected in ((), False), (("--all",), False), (("--keys",), True):
        out = poolgate("affected", "httpx==0.28.1", *option)[1]
        assert ("[missing-timeout/serves" in out) is expected


@pytest.fixture
def environment(tmp_path: Path) -> Path:
    """Return a virtual environment that consists of files only, with a leaking httpx and another package."""
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "python").symlink_to(sys.executable)
    (tmp_path / "pyvenv.cfg").write_text("")
    for name, version in (("httpx", "0.28.1"), ("httpcore", "1.0.2"), ("requests", "2.0")):
        folder = tmp_path / "lib" / "python3.11" / "site-packages" / f"{name}-{version}.dist-info"
        folder.mkdir(parents=True)
        (folder / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")
    return tmp_path


def test_without_a_spec_the_environment_in_use_is_the_target(
    poolgate: Poolgate, environment: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is the active one, else the python on PATH. Its packages are read, its interpreter is not run."""
    monkeypatch.setenv("VIRTUAL_ENV", str(environment))
    active = json.loads(poolgate("affected", "--format", "json")[1])
    assert active["packages"] == {"httpx": "0.28.1", "httpcore": "1.0.2"}
    monkeypatch.delenv("VIRTUAL_ENV")
    monkeypatch.setenv("PATH", str(environment / "bin"))
    on_path = json.loads(poolgate("affected", "--format", "json")[1])
    named = json.loads(poolgate("affected", f"python:{environment}", "--format", "json")[1])
    assert active["findings"] == on_path["findings"]
    assert [finding["status"] for finding in named["findings"]] == [finding["status"] for finding in active["findings"]]
    assert active["findings"][0]["command"].endswith(f"--target python:{environment}/bin/python --again")


def test_the_interpreter_of_an_environment_without_a_client_is_asked(poolgate: Poolgate) -> None:
    """The environment of the tests has no client; a system Python has no pyvenv.cfg and is asked for its packages."""
    code, out, err = poolgate("affected", f"python:{sys.executable}")
    assert (code, out) == (2, "")
    assert "has none of httpx, httpx2, httpxyz; name a target" in err
    base = Path(sys.base_prefix) / "bin" / "python3"
    assert "has none of" in poolgate("affected", f"python:{base}")[2]


def test_an_environment_that_sees_packages_of_others_is_asked(poolgate: Poolgate, environment: Path) -> None:
    """Its own files are not enough: the interpreter reports what it imports, the first of two versions."""
    outer = environment / "outer" / "site-packages" / "httpx-0.27.2.dist-info"
    outer.mkdir(parents=True)
    (outer / "METADATA").write_text("Metadata-Version: 2.1\nName: httpx\nVersion: 0.27.2\n")
    (environment / "pyvenv.cfg").write_text("include-system-site-packages = true\n")
    python = environment / "bin" / "python"
    python.unlink()
    python.write_text(f"#!/bin/sh\nprintf '3.9.1\\000%s' {outer.parent}\n")
    python.chmod(0o755)
    answer = json.loads(poolgate("affected", f"python:{environment}", "--format", "json")[1])
    assert answer["packages"] == {"httpx": "0.27.2"}
    assert answer["target"] == f"python:{environment}"


def test_an_interpreter_that_was_asked_and_not_read_is_ended(tmp_path: Path) -> None:
    """After another error the interpreter is neither waited for nor left running."""
    python = tmp_path / "python"
    python.write_text("#!/bin/sh\nexec sleep 600\n")
    python.chmod(0o755)
    asked = Installed(python)
    asked.close()
    with pytest.raises(UsageError, match="does not run as a Python interpreter"):
        asked.packages()


def test_an_interpreter_is_asked_before_other_modules_are_loaded() -> None:
    """It starts while poolgate loads: only the modules that ask it are loaded before."""
    program = """
import sys
from poolgate.environments import interpreter as inquiry
from poolgate.cli.main import main
def asked(self, interpreter):
    print(*sys.modules)
    raise SystemExit
inquiry.Inquiry.__init__ = asked
main(["affected", "python:" + sys.argv[1]])
"""
    base = Path(sys.base_prefix) / "bin" / "python3"
    command = [sys.executable, "-c", program, str(base)]
    loaded = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()
    assert "poolgate.environments.interpreter" in loaded
    assert not {"msgspec", "packaging", "poolgate.ledger.stack", "poolgate.targets.target", "poolgate.scenarios"} & set(
        loaded
    )


@pytest.mark.parametrize(
    ("spec", "expected"),
    [
        ("python:", "'python:' does not name an environment; write python:PATH, as in python:.venv"),
        ("python:~no-such-user/x", "unknown user ~no-such-user; use an absolute path"),
        ("python:/etc", "python:/etc: there is no interpreter at /etc/bin/python"),
        ("python:/bin/ls", "/bin/ls does not run as a Python interpreter; name an environment as python:PATH"),
        (f"python:{sys.executable}?deps=era", "exists and is not resolved: `--deps era` is for releases"),
    ],
)
def test_a_path_that_is_not_an_environment_is_one_line(poolgate: Poolgate, spec: str, expected: str) -> None:
    code, out, err = poolgate("affected", spec)
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert expected in err


def test_errors_are_one_line(poolgate: Poolgate, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "python").write_text("no program")
    assert "does not run as a Python interpreter; name an environment" in poolgate("affected", f"python:{tmp_path}")[2]
    assert "'0.0.99' is not in the catalogue" in poolgate("affected", "httpx==0.0.99")[2]
    monkeypatch.delenv("VIRTUAL_ENV", raising=False)
    monkeypatch.setenv("PATH", "")
    code, _, err = poolgate("affected")
    assert (code, err.count("\n")) == (2, 1)
    assert "no environment is active and there is no python on PATH; name one as python:PATH" in err


def test_the_finding_to_see_first_is_met_by_a_program_and_not_in_a_sweep(poolgate: Poolgate) -> None:
    out = poolgate("affected", "httpx==0.28.1")[1]
    (line,) = [line for line in out.splitlines() if "poolgate explain" in line]
    assert "sweep" not in line
    assert "scatter" not in line


def test_affected_loads_nothing_slow() -> None:
    """It has to answer at once: modules that draw, run cells or use a network stay unloaded."""
    program = (
        "import sys; from poolgate.cli.main import main; main(['affected', 'httpcore==1.0.2']); print(*sys.modules)"
    )
    loaded = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout
    assert not {"rich", "asyncio", "psutil", "urllib.request", "poolgate.measurement.batch"} & set(
        loaded.splitlines()[-1].split()
    )

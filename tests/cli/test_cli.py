"""A user error ends in one line with the remedy, and in the right exit code."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from poolgate.answers.doctor import Check
from poolgate.errors import Exit, exit_of

Poolgate = Callable[..., tuple[int, str, str]]
TARGET = ("--target", "httpx==0.28.1")


@pytest.mark.parametrize(
    ("words", "code", "expected"),
    [
        (("run", "gather-over-limits", *TARGET), 2, "no scenario is called 'gather-over-limits'; did you mean gather-"),
        (("run", "zzz", *TARGET), 2, "no scenario is called 'zzz'; there are "),
        (("run", "gather-over-limit[ending]", *TARGET), 2, "has no variant 'ending'; it has backend=asyncio|trio; e"),
        (
            ("run", "gather-over-limit[ending=no]", *TARGET),
            2,
            "has no variant 'ending=no'; it has backend=asyncio|trio; e",
        ),
        (("run", "gather-over-limit[", *TARGET), 2, "write id or id[name=value,...]"),
        (("run", "zzz*", *TARGET), 4, "no scenario matches 'zzz*'; there are "),
        (("run", "all", "--target", "httpx==0.28.99"), 2, "httpx '0.28.99' is not in the catalogue; nearest: 0.28.1"),
        (("run", "all", "--target", "requests==2.0"), 2, "'requests' is not in the catalogue; it has httpx, httpcore"),
        (("run", "all", "--target", "httpx"), 2, "'httpx' is not a target; write httpx==0.27.2"),
        (
            ("run", "all", "--target", "httpx==0.28.1@2.7"),
            2,
            "'2.7' is not a Python that poolgate supports; choose one of 3.6",
        ),
        (("run", "all", "--target", "python:/nowhere"), 2, "there is no interpreter at /nowhere"),
        (("run", "all", "--target", "lock:/nowhere/uv.lock"), 2, "/nowhere/uv.lock can't be read: No such file"),
        (("run", "all"), 2, "name what to test: either --target SPEC... or --line"),
        (("run", "all", *TARGET, "--line", "httpx"), 2, "name what to test"),
        (("run", "all", "--line", "urllib"), 2, "'urllib' is not a release line; write LINE or LINE:FROM..TO"),
        (
            ("run", "all", "--line", "httpx:0.28.0..0.27.0"),
            4,
            "httpx:0.28.0..0.27.0 selects no release; write the older one first",
        ),
        (("run", "all", *TARGET, "--shard", "0/2"), 2, "'0/2' is not a shard: name its number and their count"),
        (
            ("run", "gather-over-limit", *TARGET, "--shard", "1/8"),
            4,
            "shard 1/8 has none of the 1 cells; use fewer shards",
        ),
        (("new", "--since", "20261"), 2, "'20261' is not a day; write it as 2026-10-28"),
        (("merge", "/nowhere"), 2, "/nowhere is not a ledger: it has no folder `stacks`; name what --results named"),
        (("explain", "gather-over-limit"), 2, "is not a cell; write SCENARIO@SPEC"),
        (("explain", "all@httpx==0.28.1"), 2, "'all' selects more than one scenario variant; name one"),
        (("explain", "sequential-reuse@httpx==0.99"), 2, "httpx '0.99' is not in the catalogue"),
        (("explain", "/nowhere.jsonl"), 2, "/nowhere.jsonl: No such file or directory"),
        (("verify", "zzz"), 2, "no claim is called 'zzz'; name a file, a directory of claim files, or the id"),
        (("workarounds", "--target", "httpx"), 2, "'httpx' is not a target; write httpx==0.27.2"),
        (
            ("run", "gather-over-limit[remedy=moon]", *TARGET),
            2,
            "gather-over-limit has no variant 'remedy=moon'; it has",
        ),
        (("list", "--format", "pdf"), 2, "list has no format 'pdf'; it has text, json"),
        (
            ("flips", "all", "--line", "httpx", "--format", "junit"),
            2,
            "flips has no format 'junit'; it has text, json, m",
        ),
        (
            ("run", "all", *TARGET, "--format", "sarif"),
            2,
            "run has no format 'sarif'; it has text, json, markdown, jun",
        ),
        (("report", "--own"), 4, "no stored verdicts; run `poolgate run all --target httpx==0.28.1` first"),
    ],
)
def test_an_error_is_one_line_with_the_remedy(
    poolgate: Poolgate, words: tuple[str, ...], code: int, expected: str
) -> None:
    got, out, err = poolgate(*words)
    assert (got, out) == (code, "")
    assert err.startswith("poolgate: ")
    assert expected in err
    assert len(err.splitlines()) == 1


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ((), "the following arguments are required: VERB; see `poolgate --help`"),
        (("walk",), "invalid choice: 'walk'"),
        (("run",), "the following arguments are required: SCENARIO; see `poolgate run --help`"),
        (("run", "all", "--jobs", "0"), "argument --jobs: '0' is not a whole number from 1 to 1000"),
        (("run", "all", "--repeats", "many"), "argument --repeats: 'many' is not a whole number from 1 to 10000"),
        (("run", "all", "--repeats", "9" * 5000), "is not a whole number from 1 to 10000"),
        (("run", "all", "--unit", "99999999999999999999"), "is not a whole number from 1 to 60000"),
        (("run", "all", "--seed", "x"), "argument --seed: 'x' is not a whole number"),
        (("bisect", "all", "--confidence", "nan"), "argument --confidence: 'nan' is not between 0 and 100"),
        (("bisect", "all", "--confidence", "high"), "argument --confidence: 'high' is not between 0 and 100"),
        (("doctor", "extra"), "unrecognized arguments: extra"),
    ],
)
def test_a_usage_error_is_one_line_and_exit_code_2(poolgate: Poolgate, words: tuple[str, ...], expected: str) -> None:
    code, out, err = poolgate(*words)
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert err.startswith("poolgate: ")
    assert expected in err


@pytest.mark.parametrize(
    "words",
    [
        ("affected", "lock:/dev/zero"),
        ("verify", "/dev/zero"),
        ("gate", "--base", "httpx==0.28.1", "--head", "httpx==0.27.2", "--accept", "/dev/zero"),
    ],
)
def test_a_file_without_end_is_not_read(poolgate: Poolgate, words: tuple[str, ...]) -> None:
    code, out, err = poolgate(*words)
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert "can't be read: it has more than" in err


def test_a_claim_file_without_end_is_not_read(poolgate: Poolgate, tmp_path: Path) -> None:
    (tmp_path / "claim.json").symlink_to("/dev/zero")
    code, out, err = poolgate("verify", str(tmp_path / "claim.json"))
    assert (code, out) == (2, "")
    assert err.endswith("claim.json: it has more than 4194304 bytes\n")


def test_results_that_are_a_file_are_not_a_ledger(poolgate: Poolgate, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    code, out, err = poolgate("report", "--results", str(tmp_path / "file"))
    assert (code, out) == (5, "")
    assert err == f"poolgate: {tmp_path / 'file'} is not a folder: choose another --results\n"


def test_an_unknown_format_stops_a_bisection(poolgate: Poolgate) -> None:
    """`git bisect run` takes exit code 2 for a verdict."""
    code, out, err = poolgate("bisect", "sequential-reuse", "--step", "--format", "html")
    assert (code, out, err) == (128, "", "poolgate: bisect has no format 'html'; it has text, json, markdown\n")


def test_a_broken_ledger_file_is_named_and_left_alone(poolgate: Poolgate, results: Path) -> None:
    broken = results / "stacks" / "httpx-0.28.1.json"
    broken.parent.mkdir(parents=True)
    broken.write_text('{"schema": "poolgate/ledger"')
    code, out, err = poolgate("run", "all", *TARGET)
    assert (code, out) == (5, "")
    assert f"{broken} is not a ledger file" in err
    assert "restore it or move it away" in err
    assert broken.read_text() == '{"schema": "poolgate/ledger"'


def test_a_ledger_that_cannot_be_written_says_so(poolgate: Poolgate, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    code, out, err = poolgate("run", "sequential-reuse", *TARGET, "--results", str(tmp_path / "file" / "ledger"))
    assert (code, out) == (5, "")
    assert "can't be written (Not a directory): choose another --results" in err


def test_list_names_scenarios_and_lines(poolgate: Poolgate) -> None:
    code, out, _ = poolgate("list")
    assert code == 0
    assert "gather-over-limit\n    More concurrent requests than connections are all served" in out
    assert "variants: ending=read|close; keepalive=on|off" in out
    assert "    httpcorexyz: " in out
    answer = json.loads(poolgate("list", "--format", "json")[1])
    assert {scenario["id"] for scenario in answer["scenarios"]} >= {"sequential-reuse", "gather-over-limit"}
    assert [line["line"] for line in answer["lines"]] == ["httpx", "httpcore", "httpx2", "httpxyz", "httpcorexyz"]


def test_doctor_checks_what_is_needed(poolgate: Poolgate) -> None:
    code, out, err = poolgate("doctor", "--format", "json")
    checks = {check["name"]: check for check in json.loads(out)["checks"]}
    assert set(checks) == {"Pythons", "uv", "cache", "ledger", "server", "registry", "timing", "catalogue"}
    assert checks["server"]["fine"], err
    assert code == (5 if any(check["needed"] and not check["fine"] for check in checks.values()) else 0)
    assert "Hypercorn answers on loopback" in poolgate("doctor")[1]


@pytest.mark.parametrize(
    ("checks", "code", "shown"),
    [
        ([("uv", True, True), ("registry", False, False)], 0, "ok   uv: detail\nWARN registry: detail\n"),
        ([("uv", True, True), ("server", False, True)], 5, "ok   uv: detail\nFAIL server: detail\n"),
        ([("uv", False, True), ("registry", False, False)], 5, "FAIL uv: detail\nWARN registry: detail\n"),
    ],
)
def test_doctor_prints_fail_exactly_if_it_exits_with_5(
    checks: list[tuple[str, bool, bool]],
    code: int,
    shown: str,
    poolgate: Poolgate,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    planted = tuple(partial(Check, *check, "detail") for check in checks)
    monkeypatch.setattr("poolgate.cli.commands.doctor.CHECKS", planted)
    assert poolgate("doctor") == (code, shown, "")
    assert poolgate("doctor", "--format", "json")[0] == code


def test_doctor_finds_an_unreachable_registry_and_a_broken_ledger(
    poolgate: Poolgate, monkeypatch: pytest.MonkeyPatch, results: Path
) -> None:
    (results / "stacks").mkdir(parents=True)
    (results / "stacks" / "x.json").write_text("{")
    monkeypatch.setenv("UV_OFFLINE", "1")
    monkeypatch.setenv("UV_CACHE_DIR", str(results / "uv"))
    code, out, _ = poolgate("doctor")
    assert code == 5
    assert "WARN registry: unreachable" in out
    assert "FAIL ledger: " in out


def test_the_help_of_doctor_explains_its_exit_codes(poolgate: Poolgate) -> None:
    out = poolgate("doctor", "--help")[1]
    assert "FAIL" in out
    assert "WARN" in out


def test_an_output_whose_folder_does_not_exist_is_a_usage_error(poolgate: Poolgate, tmp_path: Path) -> None:
    folder = tmp_path / "missing"
    code, out, err = poolgate("report", "--shipped", "-o", str(folder / "report.txt"))
    assert (code, out) == (2, "")
    assert err.endswith(f"there is no folder {folder}; create it, or choose another path\n")
    assert not folder.exists()
    assert poolgate("report", "--shipped", "-o", str(tmp_path))[0] == 2
    assert poolgate("report", "--shipped", "-o", str(tmp_path / "report.txt"))[:2] == (0, "")


def test_an_internal_error_is_one_line_too(poolgate: Poolgate, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken() -> None:
        raise RuntimeError("planted")

    monkeypatch.setattr("poolgate.scenarios.declared", broken)
    line = "poolgate: internal error: RuntimeError: planted; set POOLGATE_TRACEBACK=1 for a traceback\n"
    assert poolgate("list") == (5, "", line)
    monkeypatch.setenv("POOLGATE_TRACEBACK", "1")
    with pytest.raises(RuntimeError, match="planted"):
        poolgate("list")


STARTING = """
import importlib, os, signal, sys
from poolgate.cli.main import main
whole = importlib.import_module

def interrupted(*words):
    os.kill(os.getpid(), signal.SIGINT)
    module = whole(*words)
    print(module.__name__, "is whole")
    return module

importlib.import_module = interrupted
sys.exit(main(["run", "all", "--target", "httpx==0.28.1"]))
"""
"""poolgate with a Ctrl-C while it loads the module of a verb: msgspec may crash if interrupted then."""


def test_ctrl_c_during_the_start_waits_until_all_is_loaded() -> None:
    ran = subprocess.run([sys.executable, "-c", STARTING], capture_output=True, text=True, check=False)
    assert (ran.returncode, ran.stderr) == (130, "poolgate: interrupted\n")
    assert ran.stdout == "poolgate.cli.commands.run is whole\n"


def test_the_exit_code_is_the_first_that_applies() -> None:
    order = [Exit.INTERRUPTED, Exit.USAGE, Exit.NOTHING_SELECTED, Exit.HARNESS, Exit.WORSE, Exit.INCONCLUSIVE]
    for n, code in enumerate(order):
        assert exit_of(set(order[n:])) is code
    assert exit_of(set()) is Exit.FINE


def run_shell(line: str, **more: str) -> subprocess.CompletedProcess[str]:
    """Run a line in a shell; `$P` is poolgate."""
    environment = {**os.environ, "P": f"{sys.executable} -m poolgate", **more}
    return subprocess.run(["sh", "-c", line], capture_output=True, text=True, env=environment, check=False, timeout=60)


@pytest.mark.parametrize(
    ("line", "code", "expected"),
    [
        ("$P diagnose <&-", 2, "stdin is empty"),
        ("$P list >&-", 0, ""),
        ("$P list >/dev/full", 5, "poolgate: No space left on device: free disk space, or write to another place\n"),
    ],
)
def test_closed_or_full_streams_are_not_an_internal_error(line: str, code: int, expected: str) -> None:
    ran = run_shell(line)
    assert (ran.returncode, ran.stderr.count("\n")) == (code, int(bool(expected)))
    assert expected in ran.stderr


def test_an_internal_error_stops_a_bisection(poolgate: Poolgate, monkeypatch: pytest.MonkeyPatch) -> None:
    """Git takes a code below 125 for a verdict on the commit."""

    def broken() -> None:
        raise RuntimeError("planted")

    monkeypatch.setattr("poolgate.scenarios.declared", broken)
    monkeypatch.setattr("poolgate.cells.select.scenarios.declared", broken)
    code, _, err = poolgate("bisect", "gather-over-limit", "--step")
    assert code == 128
    assert len(err.splitlines()) == 1


def test_without_a_network_cells_are_unknown(tmp_path: Path) -> None:
    """A release that can't be fetched is not uninstallable, and a claim about it has no verdict."""
    offline = {"POOLGATE_CACHE": str(tmp_path / "cache"), "UV_CACHE_DIR": str(tmp_path / "uv"), "UV_OFFLINE": "1"}
    ran = run_shell("$P run gather-over-limit --target httpx==0.28.1 --format json", **offline)
    (answer,) = json.loads(ran.stdout)["cells"]
    assert (ran.returncode, answer["status"]) == (5, "unknown")
    assert answer["reason"].startswith("the registry can't be reached: ")
    assert run_shell("$P verify httpcore-153", **offline).returncode == 5


LOADING = """
import sys
from poolgate.__main__ import main

class Interrupting:
    def find_spec(self, name, *_):
        if name == "poolgate.cli.parser":
            raise KeyboardInterrupt

sys.meta_path.insert(0, Interrupting())
sys.exit(main())
"""
"""poolgate with a Ctrl-C before it has read its own command line."""


def test_ctrl_c_while_the_parser_is_loaded_is_one_line() -> None:
    ran = subprocess.run([sys.executable, "-c", LOADING], capture_output=True, text=True, timeout=60, check=False)
    assert (ran.returncode, ran.stdout, ran.stderr) == (130, "", "poolgate: interrupted\n")

"""Whatever breaks in mid-run ends in a stated result or a stated error, and leaves nothing behind."""

from __future__ import annotations

import contextlib
import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest
from support.environments import built, plant

from poolgate.ledger.stack import load_stack

Poolgate = Callable[..., tuple[int, str, str]]
PATIENCE = 300.0
"""Seconds after which something that should happen is said not to."""


def one_cell(poolgate: Poolgate, place: Path, planted: str, *words: str) -> tuple[int, dict[str, Any]]:
    target = plant(planted, "httpx==0.28.1", place)
    code, out, _ = poolgate("run", "gather-over-limit", "--target", target, "--format", "json", *words)
    (cell,) = json.loads(out)["cells"]
    return code, cell


@pytest.mark.usefixtures("start")
def test_a_worker_that_is_killed_is_unknown_and_not_recorded(poolgate: Poolgate, tmp_path: Path, results: Path) -> None:
    code, cell = one_cell(poolgate, tmp_path / "environment", "is_killed", "--unit", "20")
    assert (code, cell["status"], cell["key"]) == (3, "unknown", None)
    assert cell["reason"] == "the worker was killed by signal 9"
    assert not (results / "stacks").exists()


@pytest.mark.usefixtures("start")
def test_a_client_that_ends_its_interpreter_crashes(poolgate: Poolgate, tmp_path: Path) -> None:
    code, cell = one_cell(poolgate, tmp_path / "environment", "crashes", "--unit", "20", "--repeats", "1")
    assert (code, cell["status"], cell["key"]) == (0, "fail", "crashes/dead")
    assert "the interpreter ended by SIGSEGV: slots that could not be counted are counted as gone" in cell["notes"]


@pytest.mark.usefixtures("start")
def test_a_client_that_deadlocks_hangs_and_has_no_slot_left(poolgate: Poolgate, tmp_path: Path) -> None:
    code, cell = one_cell(poolgate, tmp_path / "environment", "deadlocks", "--unit", "20", "--repeats", "1")
    assert (code, cell["status"], cell["key"]) == (0, "fail", "hangs/dead")
    assert "the worker never came back: slots that could not be counted are counted as gone" in cell["notes"]


@pytest.mark.usefixtures("start")
def test_what_a_client_prints_is_not_its_history(poolgate: Poolgate, tmp_path: Path) -> None:
    code, cell = one_cell(poolgate, tmp_path / "environment", "chatters")
    assert (code, cell["status"], cell["key"]) == (0, "pass", "completes/serves")


@pytest.mark.usefixtures("start")
def test_a_client_that_cannot_be_imported_is_unknown_with_its_error(poolgate: Poolgate, tmp_path: Path) -> None:
    code, cell = one_cell(poolgate, tmp_path / "environment", "cannot_be_imported")
    assert (code, cell["status"]) == (3, "unknown")
    assert "the worker failed: ModuleNotFoundError: import of httpx halted" in cell["reason"]


@pytest.mark.usefixtures("start")
def test_a_client_with_another_api_is_unsupported(poolgate: Poolgate, tmp_path: Path) -> None:
    code, cell = one_cell(poolgate, tmp_path / "environment", "has_another_api")
    assert (code, cell["status"]) == (0, "unsupported")
    assert cell["reason"] == "httpx 0.28.1: module 'httpx' has no attribute 'Limits'"


def started() -> set[int]:
    """Return the processes below this one; another test's server may run as long as the session."""
    return {child.pid for child in psutil.Process().children(recursive=True)}


@pytest.mark.parametrize(
    ("planted", "reason"),
    [
        ("floods", "the worker recorded more than a history may hold"),
        ("garbles", "the worker's history can't be read: "),
    ],
)
def test_a_history_that_is_none_is_unknown(
    poolgate: Poolgate, tmp_path: Path, results: Path, planted: str, reason: str
) -> None:
    before = started()
    code, cell = one_cell(poolgate, tmp_path / "environment", planted)
    assert (code, cell["status"], cell["key"]) == (3, "unknown", None)
    assert cell["reason"].startswith(reason)
    assert not (results / "stacks").exists()
    assert started() == before


def test_a_worker_that_is_never_ready_is_given_up(
    poolgate: Poolgate, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = started()
    monkeypatch.setattr("poolgate.protocol.plan.STARTUP", 1.0)
    code, cell = one_cell(poolgate, tmp_path / "environment", "is_silent")
    assert (code, cell["status"], cell["reason"]) == (3, "unknown", "the worker never became ready")
    assert started() == before


def test_a_worker_that_lies_is_not_believed(poolgate: Poolgate, tmp_path: Path, results: Path) -> None:
    """It reports that it is done, and has no records of the requests of its plan."""
    code, cell = one_cell(poolgate, tmp_path / "environment", "lies")
    assert (code, cell["status"], cell["key"]) == (3, "unknown", None)
    assert not (results / "stacks").exists()


@contextlib.contextmanager
def long_run(results: Path, *words: str) -> Iterator[tuple[subprocess.Popen[str], list[psutil.Process]]]:
    """A run in a process of its own, caught while a worker is at work; yields it and all that it started."""
    built("httpx==0.28.1")
    command = [sys.executable, "-m", "poolgate", "run", "sequential-reuse", "gather-over-limit"]
    command += ["--target", "httpx==0.28.1", "--jobs", "1", "--results", str(results), *words]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        try:
            yield process, wait_for_worker(process)
        finally:
            process.kill()


def wait_for_worker(process: subprocess.Popen[str]) -> list[psutil.Process]:
    """Wait until a worker exists next to the server; returns all descendants."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        found = psutil.Process(process.pid).children(recursive=True)
        if any(map(_is_worker, found)):
            return found
        time.sleep(0.02)
    raise AssertionError("no worker was started")


def _is_worker(process: psutil.Process) -> bool:
    """An interpreter of its own; or forked, and then it has the command of its parent, the fork server."""
    if "--history-fd" in _command(process):
        return True
    with contextlib.suppress(psutil.Error):
        parent = process.parent()
        return parent is not None and "--fork-server" in _command(parent)
    return False


def _command(process: psutil.Process) -> list[str]:
    try:
        return process.cmdline()
    except psutil.Error:
        return []


def all_gone(processes: list[psutil.Process]) -> bool:
    _, alive = psutil.wait_procs(processes, timeout=PATIENCE)
    return not alive


@pytest.mark.usefixtures("start")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_stopped_run_says_so_and_leaves_nothing(results: Path, number: signal.Signals) -> None:
    with long_run(results, "--repeats", "1000") as (process, started):
        process.send_signal(number)
        out, err = process.communicate(timeout=PATIENCE)
        assert (process.returncode, out) == (130, "")
        assert err == "poolgate: stopped with 0 of 2 cells done; the same command continues from there\n"
        assert all_gone(started)
    assert not list(results.rglob(".*-*"))


def test_a_stopped_run_goes_on_where_it_was(results: Path, poolgate: Poolgate) -> None:
    """What was measured before the stop is in the ledger and is not measured again."""
    with long_run(results) as (process, _):
        assert process.stderr is not None
        assert process.stderr.readline().startswith("[1/2")
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=PATIENCE)
        assert process.returncode == 130
        assert "stopped with 1 of 2 cells done" in err
    (stack,) = map(load_stack, (results / "stacks").iterdir())
    done = [cell.scenario for cell in stack.cells]
    words = (
        "run",
        "sequential-reuse",
        "gather-over-limit",
        "--target",
        "httpx==0.28.1",
        "--results",
        str(results),
        "--format",
        "json",
    )
    cells = json.loads(poolgate(*words)[1])["cells"]
    assert [cell["scenario"] for cell in cells if cell["cached"]] == done
    assert {cell["status"] for cell in cells} == {"pass"}


@pytest.mark.usefixtures("start")
def test_a_killed_harness_takes_its_processes_with_it(results: Path) -> None:
    with long_run(results, "--repeats", "1000") as (process, started):
        process.kill()
        process.communicate(timeout=PATIENCE)
        assert started
        assert all_gone(started)


def test_a_server_that_is_killed_is_replaced(results: Path) -> None:
    """The cell that it was killed under is run again; the answer does not show it."""
    with long_run(results, "--repeats", "2", "--format", "json") as (process, started):
        (server,) = [child for child in started if "--fd" in _command(child)]
        server.kill()
        out, err = process.communicate(timeout=PATIENCE)
        assert process.returncode == 0, err
        assert {cell["status"] for cell in json.loads(out)["cells"]} == {"pass"}


def test_a_server_that_is_stopped_is_replaced(results: Path) -> None:
    """It is there and does not answer: what the client saw meanwhile is not held against it."""
    with long_run(results, "--format", "json") as (process, started):
        (server,) = [child for child in started if "--fd" in _command(child)]
        server.suspend()
        out, err = process.communicate(timeout=2 * PATIENCE)
        assert process.returncode == 0, err
        assert {cell["status"] for cell in json.loads(out)["cells"]} == {"pass"}
        assert all_gone(started)


def test_two_runs_at_once_share_a_ledger(results: Path) -> None:
    """Both write to the file of one stack; what both measured is in it."""
    built("httpx==0.28.1")
    scenarios = ["gather-over-limit", "sequential-reuse"]
    command = [sys.executable, "-m", "poolgate", "run", "--target", "httpx==0.28.1", "--results", str(results)]
    with contextlib.ExitStack() as stack:
        runs = [stack.enter_context(subprocess.Popen([*command, name])) for name in scenarios]
        assert [run.wait(2 * PATIENCE) for run in runs] == [0, 0]
    (known,) = map(load_stack, (results / "stacks").iterdir())
    assert [cell.scenario for cell in known.cells] == scenarios


LIMITED = """
import resource, sys
from poolgate.environments import uv as interpreters
from poolgate.cli.main import main
interpreters.find("3.11")  # asks uv, which keeps a cache of its own
resource.setrlimit(resource.RLIMIT_FSIZE, (2000, 2000))
sys.exit(main(sys.argv[1:]))
"""
"""poolgate where no file may grow beyond 2000 bytes."""


def test_a_disk_that_takes_no_more_is_one_line(poolgate: Poolgate, results: Path) -> None:
    words = ["run", "sequential-reuse", "--target", "httpx==0.28.1", "--again", "--results", str(results)]
    assert poolgate(*words)[0] == 0
    before = {path: path.read_bytes() for path in results.rglob("*") if path.is_file()}
    ran = subprocess.run([sys.executable, "-c", LIMITED, *words], capture_output=True, text=True, check=False)
    assert (ran.returncode, ran.stdout) == (5, "")
    assert len(ran.stderr.splitlines()) == 1, ran.stderr
    assert "can't be written (File too large): free some space or choose another path" in ran.stderr
    assert {path: path.read_bytes() for path in results.rglob("*") if path.is_file()} == before


def test_a_builder_that_is_killed_leaves_a_stated_result_and_no_environment(tmp_path: Path) -> None:
    """uv itself meets the bound, and the system kills it for that: neither registry nor target is blamed."""
    words = ["run", "sequential-reuse", "--target", "httpx==0.28.1", "--results", str(tmp_path / "results")]
    ran = subprocess.run(
        [sys.executable, "-c", LIMITED, *words],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "POOLGATE_CACHE": str(tmp_path / "cache")},
    )
    assert ran.returncode == 5, ran.stderr
    assert f"uv was killed by signal {signal.SIGXFSZ.value} while it built the environment" in ran.stdout
    assert "registry" not in ran.stdout + ran.stderr
    assert not list((tmp_path / "cache" / "environments").iterdir())
    assert not (tmp_path / "results" / "stacks").exists()


NOWHERE = {"UV_DEFAULT_INDEX": "http://127.0.0.1:9/simple", "UV_HTTP_RETRIES": "0"}


def run_away(tmp_path: Path, *words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """A run whose registry is a port without a listener."""
    command = [sys.executable, "-m", "poolgate", "run", "sequential-reuse", "--results", str(tmp_path / "r"), *words]
    return subprocess.run(
        command, capture_output=True, text=True, check=False, env={**os.environ, **NOWHERE, **environment}
    )


def test_a_registry_that_is_away_is_said(tmp_path: Path) -> None:
    """Nothing is known of the target then: it is not called impossible, and nothing half-built stays."""
    cold = {"POOLGATE_CACHE": str(tmp_path / "cache"), "UV_CACHE_DIR": str(tmp_path / "uv")}
    ran = run_away(tmp_path, "--target", "httpx==0.28.1", **cold)
    assert ran.returncode == 5
    assert "UNKNOWN" in ran.stdout
    assert "the registry can't be reached" in ran.stdout
    assert "Traceback" not in ran.stderr
    assert not list((tmp_path / "cache" / "environments").iterdir())


def test_an_environment_that_exists_needs_no_registry(tmp_path: Path) -> None:
    built("httpx==0.28.1")
    ran = run_away(tmp_path, "--target", "httpx==0.28.1")
    assert ran.returncode == 0, ran.stderr
    assert re.search(r"\| pass +\|", ran.stdout)

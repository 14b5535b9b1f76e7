"""The live look: a signal writes the pools to stderr, and `poolgate watch` reads them through a private socket."""

from __future__ import annotations

import contextlib
import json
import os
import re
import signal
import socket
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from conftest import ROOT
from support.environments import built
from support.server_client import PATIENCE

from poolgate import watch
from poolgate.answers.watch import processes
from poolgate.cli.commands import watch as command
from poolgate.watch import folders
from poolgate.watch import glance as glances
from poolgate.watch.report import report
from poolgate.watch.settings import Settings
from poolgate.watch.states import Ending, LostSlot, PoolState
from poolgate.watch.watcher import Watcher

Poolgate = Callable[..., tuple[int, str, str]]
RELEASE = "httpx==0.28.1"
OPTIONS = ("--held-after", "0.1", "--signal", "USR1", "--level", "all")
PROGRAM = ROOT / "tests" / "watch" / "program_live.py"
(LINE,) = [n for n, line in enumerate(PROGRAM.read_text().splitlines(), 1) if "stream=True" in line]
TEXT = """\
poolgate.watch: held-by-caller: process {pid} (program_live.py), 1 pool
httpx 0.28.1 with httpcore 1.0.9: held-by-caller: 3 responses are held, the oldest for N s, by {place}, 2 requests are
waiting, the oldest for N s
3 slots: 3 in use, 0 idle, 2 waiting
3 held for N s: http://127.0.0.1:N/things, by {place}
httpcore 1.0.9 is not the cause: a response that its caller never closes keeps its own slot at most, and no other
"""


ENDING = Ending("cancelled", "CancelledError", "AsyncEvent.wait")
STATE = PoolState(
    family="httpcore",
    versions={"httpcore": "1.0.9"},
    limit=None,
    active=1,
    idle=0,
    queued=0,
    oldest_wait=0.0,
    held=(),
    lost=(LostSlot("connection", 0.0, ENDING), LostSlot("connection", 0.0, ENDING), LostSlot("stream", 0.0)),
    verdict="leaks",
)


def text_about(pid: int) -> str:
    """Return the text about the program, in one line."""
    return " ".join(TEXT.format(pid=pid, place=f"watch/program_live.py:{LINE}").split())


@contextlib.contextmanager
def running(room: Path, runtime: Path, stderr: Path, *words: str) -> Iterator[subprocess.Popen[str]]:
    """Yield the program, run by the watcher's command; it ends with its own exit code, and removes its socket."""
    with (
        stderr.open("w") as errors,
        subprocess.Popen(
            [built(RELEASE).interpreter, "-m", "poolgate.watch", *OPTIONS, str(PROGRAM), *words],
            env={**os.environ, "PYTHONPATH": str(room), "XDG_RUNTIME_DIR": str(runtime)},
            cwd=runtime,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
        ) as process,
    ):
        yield process
        if process.stdin is not None and not process.stdin.closed:
            process.stdin.close()
        assert process.wait(PATIENCE) == 7
        assert not (runtime / "poolgate" / f"{process.pid}.socket").exists()


def line_of(process: subprocess.Popen[str]) -> int:
    """Return the number that the program prints next."""
    assert process.stdout is not None
    return int(process.stdout.readline())


def numberless(text: str) -> str:
    """Return a text in one line, without what differs from run to run."""
    return " ".join(re.sub(r"\d+\.\d\s+s", "N s", re.sub(r":\d+/", ":N/", text)).split())


@pytest.fixture(scope="module")
def runtime(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the runtime folder of the user."""
    return tmp_path_factory.mktemp("run")


@pytest.fixture(scope="module")
def stderr(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the file for what the program writes to stderr."""
    return tmp_path_factory.mktemp("program") / "stderr"


@pytest.fixture(scope="module")
def program(room: Path, runtime: Path, stderr: Path) -> Iterator[subprocess.Popen[str]]:
    """Yield a program whose responses are open; it ends with its own exit code."""
    with running(room, runtime, stderr) as process:
        assert line_of(process) == 3
        yield process


@pytest.fixture(autouse=True)
def folder(runtime: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the folder of the sockets; there is no other."""
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(runtime))
    monkeypatch.setattr(folders, "candidates", lambda user: [str(runtime / "poolgate")])
    monkeypatch.setattr(processes, "candidates", lambda user: [str(runtime / "poolgate")])
    return runtime / "poolgate"


def test_a_signal_writes_the_pools_to_stderr(program: subprocess.Popen[str], stderr: Path) -> None:
    os.kill(program.pid, signal.SIGUSR1)
    deadline = time.monotonic() + PATIENCE
    while numberless(stderr.read_text()) != text_about(program.pid) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert numberless(stderr.read_text()) == text_about(program.pid)
    assert max(map(len, stderr.read_text().splitlines())) <= 80


def test_the_pools_are_read_from_outside(program: subprocess.Popen[str], poolgate: Poolgate) -> None:
    code, out, err = poolgate("watch", str(program.pid))
    assert (code, numberless(out), err) == (1, text_about(program.pid), "")
    code, out, err = poolgate("watch", str(program.pid), "--format", "json")
    (process,) = json.loads(out)["processes"]
    assert (code, err, process["pid"], process["verdict"]) == (1, "", program.pid, "held-by-caller")
    (pool,) = process["pools"]
    assert (pool["limit"], pool["active"], pool["queued"], len(pool["held"])) == (3, 3, 2, 3)
    stack = pool["held"][0]["stack"]
    assert stack[0][1:] == [LINE, "hold"]
    assert {Path(file).name for file, _, _ in stack} == {PROGRAM.name}
    assert "secret" not in out


def test_the_watched_processes_are_listed_and_stale_sockets_removed(
    program: subprocess.Popen[str], poolgate: Poolgate, folder: Path
) -> None:
    stale = (folder / "4194304.socket", folder / f"{os.getpid()}.socket")
    for path in stale:
        with socket.socket(socket.AF_UNIX) as listener:
            listener.bind(str(path))
    assert numberless(poolgate("watch")[1]) == text_about(program.pid)
    assert not any(path.exists() for path in stale)


def test_the_socket_is_for_its_user_only(program: subprocess.Popen[str], folder: Path) -> None:
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert stat.S_IMODE((folder / f"{program.pid}.socket").stat().st_mode) == 0o600


def test_a_child_of_a_fork_answers_for_itself(room: Path, runtime: Path, tmp_path: Path, poolgate: Poolgate) -> None:
    with running(room, runtime, tmp_path / "stderr", "fork") as process:
        child = line_of(process)
        assert line_of(process) == 3
        code, out, _ = poolgate("watch", str(child))
        assert (code, " ".join(out.split())) == (
            0,
            f"poolgate.watch: process {child} (program_live.py): no pool has had a request yet",
        )
        code, out, _ = poolgate("watch")
        assert (code, re.findall(rf"(?:{process.pid}|{child})  (.*?):", out)) == (
            1,
            ["held-by-caller", "no request yet"],
        )


def test_a_terminal_has_a_table_that_refreshes_until_the_process_ends(
    room: Path, runtime: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, poolgate: Poolgate
) -> None:
    monkeypatch.setattr(command, "EACH", 0.1)
    monkeypatch.setattr(command, "_is_terminal", lambda: True)
    with running(room, runtime, tmp_path / "stderr") as process:
        assert line_of(process) == 3
        assert process.stdin is not None
        threading.Timer(0.5, process.stdin.close).start()
        code, out, _ = poolgate("watch", str(process.pid))
    assert code == 1
    assert f"held-by-caller: process {process.pid} (program_live.py)" in out
    assert out.rstrip().endswith("the process does not answer any more")


@pytest.mark.parametrize(
    ("pid", "said"),
    [
        ("4194304", "there is no process 4194304: `poolgate watch` lists the processes that are watched"),
        ("own", f"process {os.getpid()} is not watched: start it with POOLGATE_WATCH=1, or call"),
        ("me", "argument PID: 'me' is not a whole number from 1 to 4194304"),
    ],
    ids=["none", "own", "word"],
)
def test_a_process_that_can_not_be_asked_is_one_line(pid: str, said: str, poolgate: Poolgate) -> None:
    code, out, err = poolgate("watch", str(os.getpid()) if pid == "own" else pid)
    assert (code, out) == (2, "")
    assert err.startswith(f"poolgate: {said}")
    assert err.count("\n") == 1


def test_a_process_of_another_user_is_one_line(monkeypatch: pytest.MonkeyPatch, poolgate: Poolgate) -> None:
    monkeypatch.setattr(os, "getuid", lambda: 12345)
    owner = Path("/proc/self").owner()
    code, _, err = poolgate("watch", str(os.getpid()))
    assert code == 2
    assert err.startswith(f"poolgate: process {os.getpid()} belongs to {owner}: sudo -u {owner} poolgate watch")


def test_without_a_watched_process_the_list_is_empty(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, poolgate: Poolgate
) -> None:
    monkeypatch.setattr(folders, "candidates", lambda user: [str(tmp_path / "none")])
    code, out, err = poolgate("watch")
    assert (code, out) == (4, "")
    assert err.startswith("poolgate: no process of yours is watched: start one with POOLGATE_WATCH=1")


def test_a_folder_that_others_may_enter_or_a_long_path_is_not_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wide, link, long = tmp_path / "wide", tmp_path / "link", tmp_path / ("long" * 30)
    wide.mkdir(0o755)
    link.symlink_to(tmp_path)
    monkeypatch.setattr(folders, "candidates", lambda user: [str(wide), str(link), str(long)])
    with pytest.raises(folders.NoFolderError, match="only user"):
        folders.private_folder(1)
    assert list(folders.sockets_of(os.getuid())) == []
    assert not long.exists()


def test_an_answer_of_another_version_is_one_line(folder: Path, poolgate: Poolgate) -> None:
    folder.mkdir(0o700, exist_ok=True)
    path = folder / f"{os.getpid()}.socket"
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(path))
        listener.listen(1)
        thread = threading.Thread(target=lambda: _send(listener, b"{}"))
        thread.start()
        code, _, err = poolgate("watch", str(os.getpid()))
        thread.join()
    path.unlink()
    assert code == 2
    assert "has another version of poolgate (" in err


def _send(listener: socket.socket, answer: bytes) -> None:
    connection, _ = listener.accept()
    with connection:
        connection.sendall(answer)


def test_equal_causes_are_one_line() -> None:
    text = report(1, "app\x1b.py", [STATE])
    since = time.strftime("%H:%M:%S", time.localtime(0))
    lines = [line.strip() for line in text.splitlines()]
    assert lines[0] == "poolgate.watch: leaks: process 1 (app .py), 1 pool"
    assert "no limit: 1 in use, 0 idle, 0 waiting" in lines
    assert f"2 lost since {since}: cancelled in AsyncEvent.wait" in lines
    assert f"1 lost since {since}: a stream of HTTP/2, how the request ended is not known" in lines


@pytest.mark.parametrize("goes_on", [True, False])
def test_a_doubt_is_looked_at_twice(goes_on: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = glances.Glance([], doubtful=1), glances.Glance([], doubtful=0)
    seen = iter([first, second])
    monkeypatch.setattr(glances, "glance", lambda watcher: next(seen))
    waits: list[float] = []

    def wait(seconds: float) -> bool:
        waits.append(seconds)
        return goes_on

    found = glances.confirmed(Watcher(Settings(grace=100.0)), wait)
    assert (found, waits) == (second if goes_on else None, [glances.LONGEST_WAIT])
    assert "1 more may be lost" in report(1, "app.py", [STATE], doubtful=1)


def test_a_process_without_a_socket_is_entered_where_python_allows_it(
    monkeypatch: pytest.MonkeyPatch, poolgate: Poolgate
) -> None:
    """Python 3.14 has `sys.remote_exec`; here a thread of this process executes the script."""

    def remote_exec(pid: int, script: str) -> None:
        threading.Thread(target=exec, args=(Path(script).read_text(), {})).start()

    monkeypatch.setattr(sys, "remote_exec", remote_exec, raising=False)
    assert poolgate("watch", str(os.getpid()))[0] == 2
    watch.install()
    try:
        code, out, _ = poolgate("watch", str(os.getpid()), "--format", "json")
    finally:
        watch.uninstall()
    (process,) = json.loads(out)["processes"]
    assert (code, process["pid"], process["pools"], process["verdict"]) == (0, os.getpid(), [], None)


@pytest.mark.skipif(not hasattr(sys, "remote_exec"), reason="this Python has no sys.remote_exec, which is new in 3.14")
def test_python_3_14_enters_a_process_without_a_socket() -> None:
    code = "from poolgate import watch; watch.install(); print(flush=True); input()"
    with subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()
        assert processes.look_at(process.pid).pools == []
        process.communicate(b"\n")

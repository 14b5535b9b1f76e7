"""What a server or a worker prints never reaches the terminal; of a server that dies the result has the last line."""

from __future__ import annotations

import json
import os
import sys
import tempfile
from pathlib import Path
from typing import Any

import pytest
from support.environments import plant as in_environment

from poolgate.cli.main import main
from poolgate.errors import PoolgateError
from poolgate.measurement import server_output, server_pool
from poolgate.measurement.server_output import ServerOutput
from poolgate.measurement.server_pool import ServerError, ServerPool
from poolgate.processes import Processes

PLANTED = """
import os, runpy, sys
from poolgate.servers.accounted_request import Held

def broken(*words, begin=Held.__init__, **more):
    print("  + Exception Group Traceback (most recent call last):", file=sys.stderr)
    print("    | MemoryError: planted\\n    +------------------------------------", file=sys.stderr)
    {then}

Held.__init__ = broken
runpy.run_module("poolgate.servers", run_name="__main__")
"""
"""A server that prints a traceback at each request of a client, and then does something else."""
CONTINUES, DIES = "begin(*words, **more)", "os._exit(7)"
RUN = ("run", "gather-over-limit", "--repeats", "1", "--format", "json", "--target")


def plant(source: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server_pool, "_COMMAND", (sys.executable, "-c", source))


def run(capfd: pytest.CaptureFixture[str], target: str = "httpx==0.28.1") -> tuple[int, dict[str, Any], str]:
    """Return exit code, the result of one cell, and all that this process and its children wrote to stderr."""
    code = main([*RUN, target])
    out, err = capfd.readouterr()
    (cell,) = json.loads(out)["cells"]
    return code, cell, err


def test_a_server_that_prints_tracebacks_is_quiet(
    capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    plant(PLANTED.format(then=CONTINUES), monkeypatch)
    code, cell, err = run(capfd)
    assert (code, cell["key"]) == (0, "completes/serves")
    assert [line[:5] for line in err.splitlines()] == ["[1/1,"]


@pytest.mark.usefixtures("start")
def test_a_worker_that_prints_is_quiet(capfd: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    target = in_environment("chatters", "httpx==0.28.1", tmp_path / "environment")
    code, cell, err = run(capfd, target)
    assert (code, cell["key"]) == (0, "completes/serves")
    assert [line[:5] for line in err.splitlines()] == ["[1/1,"]


def test_a_server_that_dies_in_mid_run_names_its_last_line(
    capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    plant(PLANTED.format(then=DIES), monkeypatch)
    code, cell, err = run(capfd)
    assert (code, cell["status"]) == (3, "unknown")
    assert cell["reason"] == "the server ended with exit code 7: MemoryError: planted"
    assert "Traceback" not in err


def test_a_server_that_does_not_start_names_its_last_line(
    capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    plant("import no_such_library", monkeypatch)
    code, cell, err = run(capfd)
    assert (code, cell["status"]) == (3, "unknown")
    why = "ModuleNotFoundError: No module named 'no_such_library'"
    assert cell["reason"] == f"the server did not start: it ended with exit code 1: {why}"
    assert "Traceback" not in err


def test_a_server_that_is_never_ready_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    plant("import time; time.sleep(600)", monkeypatch)
    monkeypatch.setattr(server_pool, "_STARTUP", 0.2)
    with ServerPool(Processes()) as servers, pytest.raises(ServerError) as raised, servers.borrow():
        raise AssertionError
    assert str(raised.value) == "the server did not start: it was not ready after 0.2 s"


def test_a_server_that_is_killed_is_not_explained_by_what_it_printed_before() -> None:
    with ServerPool(Processes()) as servers, servers.borrow() as server:
        os.kill(server.pid, 9)
        with pytest.raises(ServerError, match=r"^the server was killed by signal 9$"):
            server.account("cell")


def test_the_file_is_bounded_and_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    output = ServerOutput()
    for text in (b"kept\n", b"x" * server_output.BOUND, b"OSError: \x1b[31mlate\x1b[0m\n \n"):
        os.write(output.fileno(), text)
        output.trim()
    assert os.fstat(output.fileno()).st_size < 100
    assert output.last_line() == "OSError: [31mlate[0m"
    output.close()
    assert list(tmp_path.iterdir()) == []


def test_a_disk_without_room_for_messages_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    def full(**_: object) -> None:
        raise FileNotFoundError(2, "No usable temporary directory found")

    monkeypatch.setattr(tempfile, "TemporaryFile", full)
    with pytest.raises(PoolgateError) as raised:
        ServerOutput()
    assert str(raised.value).startswith("the messages of the server have no place: ")
    assert str(raised.value).endswith("; set TMPDIR to a folder")

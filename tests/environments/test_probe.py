"""A script that runs in an environment under test answers in JSON, or fails with one line."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from poolgate.environments import probe
from poolgate.environments.probe import ProbeError, run_in


def test_the_answer_is_the_last_line() -> None:
    script = "import json, sys; print('noise'); print(json.dumps(sys.argv[1:]))"
    assert run_in(sys.executable, script, "a", "b", into=list[str]) == ["a", "b"]


def test_a_file_runs_without_the_proxies_and_settings_of_the_user(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HTTPS_PROXY", "PYTHONWARNINGS"):
        monkeypatch.setenv(name, "x")
    file = tmp_path / "ask.py"
    file.write_text("import json, os, sys; print(json.dumps([*os.environ, sys.stdin.read()]))")
    assert {"HTTPS_PROXY", "PYTHONWARNINGS"}.isdisjoint(found := run_in(sys.executable, file, into=list[str]))
    assert found[-1] == ""


@pytest.mark.parametrize(
    ("script", "message"),
    [
        ("import no_such_library", "ModuleNotFoundError: No module named 'no_such_library'"),
        ("print('{')", "ended with exit code 0 without an answer"),
        ("raise SystemExit(7)", "ended with exit code 7 without an answer"),
        ("print('\"text\"')", "ended with exit code 0 without an answer"),
        ("import time; time.sleep(60)", "no answer within 2 s"),
    ],
)
def test_a_script_without_an_answer_is_one_line(script: str, message: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(probe, "PATIENCE", 2.0)
    with pytest.raises(ProbeError) as raised:
        run_in(sys.executable, script, into=list[str])
    assert str(raised.value) == message


def test_an_interpreter_that_is_gone_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(ProbeError, match=r"^.*No such file or directory: .*python'$"):
        run_in(str(tmp_path / "python"), "print(1)", into=int)

"""`python -m poolgate.watch` runs a program as Python runs it, and the environment variable needs no command."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from support.wheel import plain_environment

from poolgate.watch import live
from poolgate.watch import options as watch_options

WATCHED = ("-m", "poolgate.watch", "--socket", "0")
SHOWN = """
import json, sys
spec = None if __spec__ is None else __spec__.name
main = sys.modules["__main__"].__dict__ is globals()
print(json.dumps([__name__, __file__, __package__, spec, main, sys.argv, sys.path[0], __loader__ is None]))
"""
FAILS = """
import sys
def work():
    raise ValueError('broken')
if len(sys.argv) > 1:
    sys.exit(int(sys.argv[1]))
work()
"""
STATE = """
import sys
watch = sys.modules.get("poolgate.watch")
print(None if watch is None else watch._installed and watch._installed.watcher.settings)
"""


@pytest.fixture
def programs(tmp_path: Path) -> Path:
    """Return a folder with a script, a package, a folder that can be run, and a program that fails."""
    (tmp_path / "deep" / "package").mkdir(parents=True)
    (tmp_path / "deep" / "script.py").write_text(SHOWN)
    (tmp_path / "deep" / "fails.py").write_text(FAILS)
    (tmp_path / "deep" / "wrong.py").write_text("a = (\n")
    (tmp_path / "deep" / "package" / "__init__.py").write_text("")
    (tmp_path / "deep" / "package" / "__main__.py").write_text(SHOWN)
    (tmp_path / "deep" / "package" / "module.py").write_text(SHOWN)
    return tmp_path


def python(*words: str, at: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run the Python that has the wheel; without POOLGATE_WATCH unless it is among the variables."""
    environment = {name: value for name, value in os.environ.items() if name != "POOLGATE_WATCH"}
    return subprocess.run(
        [str(plain_environment() / "bin" / "python"), *words],
        cwd=at,
        env={**environment, **variables},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize(
    ("at", "words"),
    [
        (".", ("deep/script.py", "--level", "x", "-m")),
        ("deep", ("-m", "package", "--help")),
        ("deep", ("-m", "package.module", "a")),
        (".", ("deep/package", "a")),
        ("deep", ("-P", "script.py")),
    ],
)
def test_a_program_finds_what_it_finds_without_the_watcher(programs: Path, at: str, words: tuple[str, ...]) -> None:
    flags = [word for word in words if word == "-P"]
    rest = [word for word in words if word != "-P"]
    plain = python(*words, at=programs / at)
    watched = python(*flags, *WATCHED, *rest, at=programs / at)
    assert (watched.returncode, watched.stderr) == (0, "")
    assert json.loads(watched.stdout) == json.loads(plain.stdout)


@pytest.mark.parametrize("words", [("deep/fails.py", "3"), ("deep/fails.py",), ("deep/wrong.py",)])
def test_a_program_ends_with_its_own_code_and_traceback(programs: Path, words: tuple[str, ...]) -> None:
    plain = python(*words, at=programs)
    watched = python(*WATCHED, *words, at=programs)
    assert (watched.returncode, watched.stdout, watched.stderr) == (plain.returncode, plain.stdout, plain.stderr)


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        ((), 2, "error: name a program: app.py, or -m module\n"),
        (("none.py",), 2, "poolgate.watch: there is no file none.py\n"),
        (("-m", "nowhere"), 1, "poolgate.watch: no module named nowhere\n"),
        (("--signal", "XX", "a.py"), 2, "'XX' is not a signal of this system; the usual one is USR1\n"),
        (("--grace", "soon", "a.py"), 2, "'soon' is not a number of seconds\n"),
    ],
)
def test_a_command_line_that_is_wrong_is_one_line(tmp_path: Path, words: tuple[str, ...], code: int, said: str) -> None:
    ran = python("-m", "poolgate.watch", *words, at=tmp_path)
    assert (ran.returncode, ran.stdout) == (code, "")
    assert ran.stderr.endswith(said)
    assert "Traceback" not in ran.stderr


def test_help_lists_the_options(tmp_path: Path) -> None:
    ran = python("-m", "poolgate.watch", "--help", at=tmp_path)
    assert ran.returncode == 0
    assert all(name in ran.stdout for name in ("--level", "--held-after", "--grace", "--signal", "--socket", "-m "))


def test_without_the_variable_nothing_of_poolgate_is_imported(tmp_path: Path) -> None:
    assert python("-c", STATE, at=tmp_path).stdout == "None\n"
    assert python("-c", STATE, at=tmp_path, POOLGATE_WATCH="").stdout == "None\n"


def test_the_variable_watches_a_program(tmp_path: Path) -> None:
    ran = python("-c", STATE, at=tmp_path, POOLGATE_WATCH="level=sample,held_after=30,socket=0")
    assert ran.stdout == "Settings(level='sample', grace=1.0, held_after=30.0, on_change=None)\n"
    assert ran.stderr == ""


def test_a_signal_of_the_variable_stays_when_the_program_installs_the_watcher_itself(tmp_path: Path) -> None:
    code = "import os, signal; from poolgate import watch; watch.install(grace=2); os.kill(os.getpid(), signal.SIGUSR1)"
    ran = python("-c", code, at=tmp_path, POOLGATE_WATCH="signal=USR1,socket=0")
    assert ran.returncode == 0
    assert ran.stderr.startswith("poolgate.watch: process ")


def test_a_variable_that_is_wrong_is_one_line_and_the_program_goes_on(tmp_path: Path) -> None:
    ran = python("-c", "print('runs')", at=tmp_path, POOLGATE_WATCH="level=most")
    assert (ran.returncode, ran.stdout) == (0, "runs\n")
    wrong = "level='most' is not one of counts, sample, all"
    assert ran.stderr == f"poolgate.watch: POOLGATE_WATCH=level=most: {wrong}; this program is not watched\n"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("2", "'2' is not an option; write 1, or some of level=sample"),
        ("level", "'level' is not an option"),
        ("held_after=-1", "'-1' is not a number of seconds"),
        ("grace=nan", "'nan' is not a number of seconds"),
        ("signal=KILLER", "'KILLER' is not a signal"),
        ("socket=maybe", "'maybe' is neither 1 nor 0"),
    ],
)
def test_what_is_wrong_with_the_variable_is_named(text: str, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        watch_options.options_in(text)


def test_the_variable_turns_the_socket_on() -> None:
    assert watch_options.options_in("1") == {"socket": True}
    assert watch_options.options_in("off") is None
    assert watch_options.options_in("signal=usr1, socket=0") == {"socket": False, "signal": int(signal.SIGUSR1)}


def test_the_handler_that_was_there_before_is_called_and_restored() -> None:
    from poolgate.watch.signals import SignalHandler

    calls: list[str] = []
    first = signal.signal(signal.SIGUSR2, lambda *_: calls.append("before"))
    try:
        before = signal.getsignal(signal.SIGUSR2)

        def ours() -> str:
            calls.append("ours")
            return ""

        handler = SignalHandler(signal.SIGUSR2, ours)
        os.kill(os.getpid(), signal.SIGUSR2)
        handler.restore()
        assert calls == ["ours", "before"]
        assert signal.getsignal(signal.SIGUSR2) is before
    finally:
        signal.signal(signal.SIGUSR2, first)


def test_a_signal_that_can_not_be_handled_is_an_error_before_anything_changes() -> None:
    from poolgate import watch

    path = list(sys.meta_path)
    with pytest.raises(ValueError, match="SIGKILL can't be handled here"):
        watch.install(signal="KILL")
    assert sys.meta_path == path
    assert live.look_here() == b""

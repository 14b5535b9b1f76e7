"""A script on a late machine gives no wrong verdict: it tries again with a longer unit, or reports the lateness."""

from __future__ import annotations

import importlib.util
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from answers.test_repro_carried import interpreter_of

Poolgate = Callable[..., tuple[int, str, str]]

FORMS = {
    "short": ("gather-over-limit", "httpx==0.20.0", "httpx==0.28.1"),
    "chained": ("sequential-reuse", "httpx==0.15.1", "httpx==0.28.1"),
    "threads": ("threads-over-limit", "httpx==0.20.0", "httpxyz==0.42.1"),
    "carried": ("finaliser-deadlock", "httpx==0.28.1", "httpcore==1.0.2"),
    "tls and http2": ("h2-last-stream", "httpx2==2.2.0", "httpx2==2.16.2"),
    "proxy": ("tunnel-fault", "httpx==0.28.1", "httpxyz==0.42.1"),
    "trio": ("h2-cancel[backend=trio]", "httpx2==2.16.2", "httpx==0.28.1"),
    "sweep": ("cancel-sweep[situation=warm,style=native]", "httpx==0.28.1", "httpx2==2.16.2"),
    "sweep on trio": ("cancel-sweep[backend=trio,situation=warm]", "httpx==0.28.1", "httpx2==2.16.2"),
    "groups": ("burst-sweep[style=native]", "httpx==0.28.1", "httpx2==2.16.2"),
    "scatter": ("wait-for-scatter", "httpcore==0.14.1", "httpx2==2.16.2"),
}
"""One script of each form: where the scenario fails, and where it passes."""
TRIED_AGAIN = [("short", True), ("chained", False), ("sweep", True), ("trio", True)]
LAST_TRY = "4"


@contextmanager
def stopped_again_and_again(process: subprocess.Popen[str], stopped: float, between: float) -> Iterator[None]:
    """Stop a process for so many seconds, again and again until the context ends: a machine that stops."""
    over = threading.Event()

    def stop() -> None:
        while not over.wait(between) and process.poll() is None:
            process.send_signal(signal.SIGSTOP)
            time.sleep(stopped)
            process.send_signal(signal.SIGCONT)

    stopping = threading.Thread(target=stop)
    stopping.start()
    try:
        yield
    finally:
        over.set()
        stopping.join()


def start(interpreter: str, place: Path, *words: str) -> subprocess.Popen[str]:
    command = [interpreter, str(place), *words]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


@pytest.mark.parametrize("form", FORMS)
def test_a_machine_that_stops_gets_no_verdict(form: str, tmp_path: Path, poolgate: Poolgate) -> None:
    asked, spec, _ = FORMS[form]
    place = tmp_path / "repro.py"
    assert poolgate("repro", asked, "--target", spec, "-o", str(place))[0] == 0
    # What is a matter of chance is tried less often: a machine that is late shows itself in a part of it.
    place.write_text(place.read_text().replace("(400, 3, ", "(20, 3, ").replace("(1000, 1, ", "(20, 1, "))
    process = start(interpreter_of(asked, spec), place, "0.05", LAST_TRY)
    with stopped_again_and_again(process, stopped=0.06, between=0.15):
        out, err = process.communicate(timeout=300)
    assert (process.returncode, out) == (3, f"too slow to tell; run with a longer unit: {place} 0.1\n"), err


@pytest.mark.parametrize(("form", "fails"), TRIED_AGAIN)
def test_it_tries_again_with_a_longer_unit(form: str, fails: bool, tmp_path: Path, poolgate: Poolgate) -> None:
    """Once the machine keeps up, the verdict is the same as without lateness."""
    asked, failing, passing = FORMS[form]
    spec = failing if fails else passing
    place = tmp_path / "repro.py"
    poolgate("repro", asked, "--target", spec, "-o", str(place))
    process = start(interpreter_of(asked, spec), place, "0.1")
    assert process.stderr is not None
    with stopped_again_and_again(process, stopped=0.1, between=0.2):
        said = process.stderr.readline()
    assert said == "this machine was late; the next try has a unit of 0.2 seconds\n"
    out, unit = process.communicate(timeout=300)[0], 0.1
    while process.returncode == 3 and unit < 10:
        # This machine is too busy by itself: what the line says is done.
        unit = float(out.split()[-1])
        process = start(interpreter_of(asked, spec), place, str(unit))
        out = process.communicate(timeout=300)[0]
    assert process.returncode == int(fails), out
    assert out.splitlines()[-1] == ("it shows the defect" if fails else "it does not show the defect")


class Clock:
    """A clock of beats that are planted: each sleep is so late, and the process works so long in it, in seconds."""

    def __init__(self, late: float, worked: float) -> None:
        self._late, self._worked, self._now, self._used, self._beats = late, worked, 0.0, 0.0, 0

    def monotonic(self) -> float:
        return self._now

    def process_time(self) -> float:
        return self._used

    def sleep(self, seconds: float) -> None:
        if self._beats == 3:
            raise StopIteration
        self._now += seconds + self._late
        self._used += self._worked
        self._beats += 1


@pytest.mark.parametrize(
    ("late", "worked", "found"),
    [
        (0.0, 0.0, False),
        (5.0, 0.0, True),
        (5.0, 5.05, False),
        (5.0, 3.0, True),
        (0.02, 0.07, False),
    ],
)
def test_a_client_that_takes_the_processor_is_not_a_late_machine(late: float, worked: float, found: bool) -> None:
    """In units of a second, of which a beat is to take 0.05."""
    names = pace(1.0, Clock(late, worked))
    with pytest.raises(StopIteration):
        names["beat"]()
    names["time"] = time
    assert names["was_late"]() is found


def test_a_client_that_sleeps_on_its_loop_does_not_stop_the_beat() -> None:
    names = pace(5.0, time)
    threading.Thread(target=names["beat"], daemon=True).start()
    time.sleep(2.0)
    assert max(names["waits"]) < 1.0


def pace(unit: float, clock: Any) -> dict[str, Any]:
    """Return the names of a new copy of the part that notices lateness, with a clock of its own."""
    spec = importlib.util.find_spec("poolgate.answers.repro.parts.pace")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    vars(module).update(UNIT=unit, time=clock)
    return vars(module)


@pytest.mark.parametrize(
    ("waits", "late"),
    [
        ([0.0] * 20, False),
        ([0.0] * 19 + [0.19], False),
        ([0.0] * 19 + [0.21], True),
        ([0.009] * 20, False),
        ([0.011] * 20, True),
        ([], True),
    ],
)
def test_once_too_late_or_a_little_all_the_time_is_late(waits: list[float], late: bool) -> None:
    """In units, for each beat; without a single beat nothing is known."""
    names = pace(0.01, time)
    names["waits"].extend(wait * names["UNIT"] for wait in waits)
    assert names["was_late"]() is late
    assert names["waits"] == [], "the next load begins anew"


def test_what_can_not_be_read_again_ends_at_once(tmp_path: Path, poolgate: Poolgate) -> None:
    """A script on stdin is gone once it runs; started anew it would do nothing, and succeed."""
    asked, failing, _ = FORMS["short"]
    place = tmp_path / "repro.py"
    poolgate("repro", asked, "--target", failing, "-o", str(place))
    with place.open() as script:
        command = [interpreter_of(asked, failing), "-", "0.1"]
        process = subprocess.Popen(command, stdin=script, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    with stopped_again_and_again(process, stopped=0.1, between=0.2):
        out, _ = process.communicate(timeout=300)
    assert (process.returncode, out) == (3, "too slow to tell; run with a longer unit: - 0.2\n")


@pytest.mark.parametrize("asked", ["gather-over-limit", "h2-cancel[backend=trio]", "burst-sweep[style=native]"])
def test_what_can_not_be_tried_is_one_line_and_no_verdict(asked: str, tmp_path: Path, poolgate: Poolgate) -> None:
    """As in an environment without its packages."""
    place = tmp_path / "repro.py"
    poolgate("repro", asked, "--target", "httpx==0.28.1", "-o", str(place))
    command = [sys.executable, "-I", "-S", str(place)]
    ran = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert (ran.returncode, ran.stderr) == (2, "")
    assert "this can't be tried here: ModuleNotFoundError: No module named" in ran.stdout
    assert len(ran.stdout.splitlines()) == 1

"""An environment is there whole or not at all, whatever breaks while it is being built."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from support.environments import built

from poolgate.environments import uv
from poolgate.environments.build import ABANDONED, environment_for
from poolgate.environments.uv import RegistryError, UninstallableError
from poolgate.errors import PoolgateError
from poolgate.processes import Processes
from poolgate.targets.parse import parse

PATIENCE = 300.0
"""Seconds after which something that should happen is said not to."""


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A cache without any environment."""
    monkeypatch.setenv("POOLGATE_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


def folders(cache: Path) -> list[Path]:
    return list((cache / "environments").iterdir())


@contextlib.contextmanager
def building() -> Iterator[tuple[subprocess.Popen[str], list[psutil.Process]]]:
    """A run caught while uv waits for a registry that never answers; yields it and all that it started."""
    command = [sys.executable, "-m", "poolgate", "run", "sequential-reuse", "--target", "httpx==0.28.1"]
    with socket.create_server(("127.0.0.1", 0)) as silent:
        index = f"http://127.0.0.1:{silent.getsockname()[1]}/simple"
        environment = {**os.environ, "UV_DEFAULT_INDEX": index, "UV_HTTP_RETRIES": "0"}
        with subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment
        ) as process:
            try:
                silent.settimeout(PATIENCE)
                with silent.accept()[0]:
                    yield process, psutil.Process(process.pid).children(recursive=True)
            finally:
                process.kill()


def all_gone(processes: list[psutil.Process]) -> bool:
    _, alive = psutil.wait_procs(processes, timeout=PATIENCE)
    return not alive


def test_a_build_that_is_interrupted_leaves_nothing(cache: Path) -> None:
    with building() as (process, started):
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=PATIENCE)
        assert (process.returncode, out) == (130, "")
        assert err == "poolgate: stopped with 0 of 1 cells done; the same command continues from there\n"
        assert started
        assert all_gone(started)
    assert not folders(cache)


def test_what_a_killed_build_left_is_never_used_and_cleared_when_it_is_old(cache: Path) -> None:
    with building() as (process, started):
        process.kill()
        process.communicate(timeout=PATIENCE)
    assert all_gone(started)
    (left,) = folders(cache)
    assert not Path(built("httpx==0.28.1").interpreter).is_relative_to(left)
    assert left.exists(), "a recent folder may belong to a running build"
    long_ago = time.time() - 2 * ABANDONED
    os.utime(left, (long_ago, long_ago))
    built("httpx==0.28.0")
    assert not left.exists()
    assert len(folders(cache)) == 2


def uv_that(says: str, place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Put a uv in place that says something and fails, unless it is called with `--offline`."""
    script = f"""#!/bin/sh
case " $* " in *" --offline "*) exec {uv.UV} "$@" ;; esac
echo "error: {says}" >&2
exit 2
"""
    place.write_text(script)
    place.chmod(0o755)
    monkeypatch.setattr(uv, "UV", str(place))


def test_a_registry_that_is_away_does_not_matter_where_uv_remembers(
    cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("POOLGATE_CACHE", str(tmp_path / "other"))
    known = built("httpx==0.28.1")
    monkeypatch.setenv("POOLGATE_CACHE", str(cache))
    uv_that("Failed to fetch: connection refused", tmp_path / "uv", monkeypatch)
    assert built("httpx==0.28.1").packages == known.packages


def test_a_full_disk_is_not_blamed_on_the_registry(
    cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    uv_that("failed to write to file: No space left on device (os error 28)", tmp_path / "uv", monkeypatch)
    with pytest.raises(PoolgateError, match="No space left on device") as caught:
        built("httpx==0.28.1")
    assert not isinstance(caught.value, RegistryError)
    assert caught.value.exit_code == 5
    assert not folders(cache)


def test_an_environment_that_exists_is_asked_for_what_a_scenario_needs() -> None:
    """It is not ours to change; ours gets what is missing."""
    old = built("httpx==0.12.1")
    assert "anyio" not in old.packages
    with pytest.raises(UninstallableError, match="lacks anyio, which this scenario needs"):
        environment_for(Processes(), parse(f"python:{old.interpreter}"), ("anyio",))
    assert "anyio" in environment_for(Processes(), parse("httpx==0.12.1"), ("anyio",)).packages


def test_a_requirement_that_a_release_does_not_declare_is_installed_with_it() -> None:
    """httpcore 0.14.0 imports h2 always and has it only as an extra; its neighbour does not."""
    assert "h2" in built("httpcore==0.14.0").packages
    assert "h2" not in built("httpcore==0.14.1").packages


def test_extras_do_not_change_the_versions_of_the_plain_environment() -> None:
    """anyio[trio] admits fewer versions than anyio: without pins uv would step the pool back to 0.13.3."""
    plain, extended = built("httpx==0.20.0"), environment_for(Processes(), parse("httpx==0.20.0"), ("trio",))
    assert plain.packages["httpcore"] == "0.13.7"
    assert "trio" not in plain.packages
    assert extended.packages.items() >= {**plain.packages, "trio": extended.packages["trio"]}.items()


def test_an_environment_that_has_what_a_scenario_needs_is_used_as_it_is() -> None:
    """anyio comes with the newer releases and has to be added to the older ones."""
    newer, older = parse("httpx==0.28.1"), parse("httpx==0.12.1")
    assert environment_for(Processes(), newer, ("anyio",)) == environment_for(Processes(), newer)
    assert "anyio" in environment_for(Processes(), older, ("anyio",)).packages
    assert "anyio" not in environment_for(Processes(), older).packages


def test_a_build_that_fails_is_one_line_with_its_last_exception() -> None:
    """The log of a build has many lines; the package and the exception are what a reader can act on."""
    complaint = """\
  \u00d7 Failed to build `httpx==0.7.1`
  ├─▶ The build backend returned an error
  ╰─▶ Call to `setuptools.build_meta:__legacy__.build_wheel` failed (exit status: 1)

      [stderr]
      Traceback (most recent call last):
        File "<string>", line 14, in <module>
      ModuleNotFoundError: No module named 'pkg_resources'

      hint: This usually indicates a problem with the package or the build environment.
"""
    expected = "Failed to build `httpx==0.7.1`: ModuleNotFoundError: No module named 'pkg_resources'"
    assert uv._in_one_line(complaint) == expected
    assert (
        uv._in_one_line("  \u00d7 No solution found\n  ╰─▶ Because a\n      and b")
        == "No solution found Because a and b"
    )

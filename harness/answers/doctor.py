"""Checks of this machine: what poolgate can and can't run on it."""

from __future__ import annotations

import shutil
import subprocess
import time
from collections.abc import Callable
from typing import Literal

import msgspec

from ..catalogue import packages, releases
from ..environments import uv
from ..errors import PoolgateError
from ..ledger.store import Ledger
from ..measurement.batch import default_jobs
from ..measurement.server_pool import ServerPool
from ..paths import cache_root, results_root, write_whole
from ..processes import Processes
from ..protocol.plan import UNIT
from ..targets.from_release import PYTHONS
from ..verdict.lateness import TOLERANCE

ROOM = 500
"""Free MB that a matrix needs: an environment takes 5 to 15 MB, less where the disk allows links to uv's cache."""


class Check(msgspec.Struct, frozen=True):
    """A check of this machine; `needed` is true if poolgate can't run without it.

    A needed check that fails is printed as FAIL, and the exit code is 5; another one is WARN and leaves the code at 0.
    """

    name: str
    fine: bool
    needed: bool
    detail: str = msgspec.field(name="told")


class DoctorAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """The answer of `doctor`."""

    schema: Literal["poolgate/doctor"] = "poolgate/doctor"
    version: Literal[1] = 1
    checks: list[Check]


def _pythons() -> Check:
    known = sorted(PYTHONS, key=lambda python: int(python.partition(".")[2]))
    found = {python: path for python in known if (path := uv.find(python))}
    missing = [python for python in known if python not in found]
    detail = f"{', '.join(found) or 'none'}" + (f"; not found: {', '.join(missing)}" if missing else "")
    return Check("Pythons", bool(found), True, detail)


def _uv() -> Check:
    ran = subprocess.run([uv.UV, "--version"], capture_output=True, text=True, check=False)
    return Check("uv", ran.returncode == 0, True, ran.stdout.strip() or ran.stderr.strip())


def _cache() -> Check:
    probe = cache_root() / "doctor"
    try:
        write_whole(probe, b"")
        probe.unlink()
    except PoolgateError as error:
        return Check("cache", False, True, str(error))
    free = shutil.disk_usage(cache_root()).free // 1_000_000
    return Check("cache", free >= ROOM, True, f"{cache_root()}, {free} MB free ({ROOM} MB needed)")


def _ledger() -> Check:
    try:
        Ledger(results_root())
    except PoolgateError as error:
        return Check("ledger", False, True, str(error))
    return Check("ledger", True, True, f"your ledger is in {results_root()}")


def _server() -> Check:
    started = time.monotonic()
    try:
        with ServerPool(Processes()) as servers, servers.borrow() as server:
            server.account("doctor")
    except PoolgateError as error:
        return Check("server", False, True, str(error))
    return Check("server", True, True, f"Hypercorn answers on loopback after {time.monotonic() - started:.1f} s")


def _registry() -> Check:
    command = ["pip", "compile", "--no-cache", "--no-deps", "--quiet", "--color", "never", "-"]
    ran = subprocess.run(
        [uv.UV, *command],
        input=b"httpx",
        capture_output=True,
        env=uv.uv_environment(),
        cwd="/",
        check=False,
    )
    detail = "reachable" if ran.returncode == 0 else "unreachable: only cached environments and packages can be used"
    return Check("registry", ran.returncode == 0, False, detail)


def _timing() -> Check:
    late = max(_overslept(0.005) for _ in range(40))
    fine = late < UNIT * TOLERANCE
    limit = (
        f"limit {UNIT * TOLERANCE * 1000:.0f} ms for a unit of {UNIT * 1000:.0f} ms; {default_jobs()} cells in parallel"
    )
    return Check("timing", fine, False, f"a sleep is at most {late * 1000:.1f} ms late; {limit}")


def _overslept(seconds: float) -> float:
    started = time.monotonic()
    time.sleep(seconds)
    return time.monotonic() - started - seconds


def _catalogue() -> Check:
    loaded = releases.load()
    counts = ", ".join(f"{line} {len(loaded.releases(line))}" for line in packages.LINES)
    return Check("catalogue", True, True, f"releases before {loaded.cutoff}: {counts}")


CHECKS: tuple[Callable[[], Check], ...] = (
    _pythons,
    _uv,
    _cache,
    _ledger,
    _server,
    _registry,
    _timing,
    _catalogue,
)

"""Installing: a client under another name, a release that is too old, an import that others find, and once more."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from support.environments import built

from poolgate import watch

ALIAS = """
from poolgate import watch
import httpx2
watch.install()
httpx2.alias_httpx()
import httpx, httpcore
assert httpcore.ConnectionPool.handle_request.__code__.co_filename.endswith("wrapping.py")
watch.install()
watch.uninstall()
assert not httpcore.ConnectionPool.handle_request.__code__.co_filename.endswith("wrapping.py")
"""
OLD = """
from poolgate import watch
watch.install()
import httpcore
assert not httpcore.SyncConnectionPool.request.__code__.co_filename.endswith("wrapping.py")
watch.pools()
watch.uninstall()
"""
REPLACED = """
from poolgate import watch
import httpcore
watch.install()
ours = httpcore.ConnectionPool.handle_request
def theirs(self, request):
    return ours(self, request)
httpcore.ConnectionPool.handle_request = theirs
watch.uninstall()
assert httpcore.ConnectionPool.handle_request is theirs
try:
    httpcore.request("GET", "http://127.0.0.1:1/")
except httpcore.ConnectError:
    pass
watch.install()
watch.uninstall()
assert httpcore.ConnectionPool.handle_request is theirs
"""
NAMED = """
import sys
before = list(sys.meta_path)
from poolgate import watch
watch.install()
assert "httpx" not in sys.modules and "httpcore" not in sys.modules
import importlib.util
spec = importlib.util.find_spec("httpcore")
assert spec.loader.is_package("httpcore") and "ConnectionPool" in spec.loader.get_source("httpcore")
watch.uninstall()
assert sys.meta_path == before
import httpcore
assert "_Reporting" not in type(httpcore.__loader__).__name__
"""


@pytest.mark.parametrize(
    ("release", "code", "said"),
    [
        ("httpx2==2.16.2", ALIAS, ""),
        ("httpx==0.28.1", REPLACED, ""),
        ("httpx==0.28.1", NAMED, ""),
        ("httpx==0.17.1", OLD, "httpcore 0.12.3 is not watched: its pools are too old\n"),
    ],
)
def test_what_is_wrapped_is_restored(room: Path, release: str, code: str, said: str) -> None:
    environment = built(release)
    ran = subprocess.run(
        [environment.interpreter, "-c", code],
        env={**os.environ, "PYTHONPATH": str(room)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (ran.returncode, ran.stderr) == (0, said)


def test_pools_without_an_installed_watcher_is_an_error_that_says_what_to_do() -> None:
    watch.uninstall()
    with pytest.raises(RuntimeError, match=r"call poolgate\.watch\.install\(\)"):
        watch.pools()


def test_installing_imports_no_client_and_little_else() -> None:
    code = "import sys, poolgate.watch as w; w.install(); print(*sorted({m.partition('.')[0] for m in sys.modules}))"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    others = set(ran.stdout.split()) - sys.stdlib_module_names
    assert not others & {"httpx", "httpcore", "httpx2", "httpcore2", "httpxyz", "httpcorexyz", "msgspec", "rich", "h11"}


def test_a_package_that_can_not_be_wrapped_is_logged_and_its_import_succeeds(room: Path) -> None:
    code = """
from poolgate import watch
from poolgate.watch import installation
installation.targets_in = None
watch.install()
import httpcore
"""
    environment = built("httpx==0.28.1")
    ran = subprocess.run(
        [environment.interpreter, "-c", code],
        env={**os.environ, "PYTHONPATH": str(room)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0
    assert ran.stderr.startswith("httpcore 1.0.9 is not watched\n")

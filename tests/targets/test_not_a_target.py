"""The hint for the text of a target that can't be read, and versions that are written in another way."""

from __future__ import annotations

from pathlib import Path

import pytest

from poolgate.errors import UsageError
from poolgate.targets.parse import parse


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("httpx = 0.27.2", "write httpx==0.27.2"),
        ("HTTPX == 0.27.2", "write httpx==0.27.2"),
        ("httpx[http2]==0.27.2", "write httpx==0.27.2"),
        ("httpx==0.27.2+corp1", "write httpx==0.27.2"),
        ("httpx[socks]==0.27.2, httpcore==1.0.5", "write httpx==0.27.2,httpcore==1.0.5"),
        ("httpx>=0.27", "for a range use `poolgate floor 'httpx>=0.27'`, or write one version"),
        ("httpx==0.28.*", "for a range use `poolgate floor 'httpx==0.28.*'`, or write one version"),
        ("httpx", "write httpx==0.27.2, httpx==0.24.1,httpcore==0.17.2, lock:PATH or python:PATH"),
        ("requests>=2", "write httpx==0.27.2, httpx==0.24.1,httpcore==0.17.2, lock:PATH or python:PATH"),
    ],
)
def test_what_is_not_a_target_has_a_hint(text: str, hint: str) -> None:
    with pytest.raises(UsageError) as error:
        parse(text)
    assert str(error.value).startswith(f"{text!r} is not a target; {hint}")


def test_a_file_and_an_environment_have_their_prefix(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "uv.lock").touch()
    (tmp_path / "venv").mkdir()
    (tmp_path / "venv" / "pyvenv.cfg").touch()
    for text, hint in (("uv.lock", "write lock:uv.lock"), ("venv", "write python:venv")):
        with pytest.raises(UsageError, match=f"{hint}$"):
            parse(text)


@pytest.mark.parametrize("text", ["httpx2==2.3", "httpx2==v2.3.0", "httpx2==2.3.0.0"])
def test_a_version_is_that_of_the_catalogue_however_it_is_written(text: str) -> None:
    target = parse(text)
    assert (target.release, dict(target.pins)["httpx2"]) == (("httpx2", "2.3.0"), "2.3.0")

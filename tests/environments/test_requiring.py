"""What requires a client in an environment, from the metadata of its packages."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from poolgate.answers.affected.package_set import package_set_in
from poolgate.environments.installed import Installed
from poolgate.environments.requiring import requiring

PACKAGES = {
    "httpx": "Requires-Dist: httpcore==1.*\n",
    "httpx2": "Requires-Dist: httpcore2==2.4.0\n",
    "httpcore": "",
    "httpcore2": "",
    "Lang_Fuse": "Requires-Dist: httpx<1.0,>=0.15.4\nRequires-Dist: httpx-sse>=0.4\n",
    "anthropic": "Requires-Dist: HTTPX2 (>=2.0)\nRequires-Dist: httpx>=0.20; extra == 'legacy'\n",
    "mcp": "Requires-Dist: httpx2>=2; python_version >= '3.8'\n\nRequires-Dist: httpxyz\n",
    "httpx-sse": "",
}


@pytest.fixture
def environment(tmp_path: Path) -> Path:
    """A virtual environment of files alone."""
    folder = tmp_path / "lib" / "python3.11" / "site-packages"
    for name, requires in PACKAGES.items():
        information = folder / f"{name}-1.0.dist-info"
        information.mkdir(parents=True)
        (information / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n{requires}")
    (tmp_path / "pyvenv.cfg").write_text("include-system-site-packages = false\n")
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "python").touch()
    return tmp_path


def test_extras_and_descriptions_require_nothing(environment: Path) -> None:
    folder = str(environment / "lib" / "python3.11" / "site-packages")
    found = requiring([folder], ["httpx", "httpx2", "httpxyz"])
    assert found == {"httpx": ["lang-fuse"], "httpx2": ["anthropic", "mcp"]}


def test_metadata_that_can_not_be_read_is_left_out(tmp_path: Path) -> None:
    (tmp_path / "x-1.dist-info" / "METADATA").mkdir(parents=True)
    assert requiring([str(tmp_path), "/nowhere"], ["httpx"]) == {}


def test_an_environment_of_two_clients_says_what_requires_each(environment: Path) -> None:
    asked = package_set_in(Installed(environment / "bin" / "python"), "python:x")
    assert asked.clients == ["httpx", "httpx2"]
    assert asked.required_by == {"httpx": ["lang-fuse"], "httpx2": ["anthropic", "mcp"]}


def test_one_client_needs_no_owner(environment: Path) -> None:
    shutil.rmtree(environment / "lib" / "python3.11" / "site-packages" / "httpx2-1.0.dist-info")
    assert package_set_in(Installed(environment / "bin" / "python"), "python:x").required_by == {}

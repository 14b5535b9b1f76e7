"""The outputs of each exporter for one project with two clients: the pins, the Python, and what requires a client.

`data/exporters/README.md` has the command and the version that wrote each file.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from conftest import DATA

from poolgate.targets.lockfiles.pin_lines import line_of
from poolgate.targets.parse import parse

EXPORTERS = DATA / "exporters"
POETRY_1 = ("poetry-1.1.lock", "poetry-1.4.lock")
NOT_LOCKS = ("README.md", "Pipfile", "pyproject.toml", "pip-list.json")
LOCKS = sorted(path.name for path in EXPORTERS.iterdir() if path.name not in (*POETRY_1, *NOT_LOCKS))
FORKED = ("poetry-export.txt", "poetry.lock", "pylock.uv.toml", "uv-export.txt", "uv-pip-compile.txt", "uv.lock")
"""The locks with another httpx from Python 3.13 on."""

PINS = {
    "httpx": "0.28.1",
    "httpcore": "1.0.9",
    "httpx2": "2.16.2",
    "httpcore2": "2.16.2",
    "anyio": "4.16.0",
    "h11": "0.16.0",
    "h2": "4.4.1",
    "hpack": "4.2.0",
    "hyperframe": "6.1.0",
}
DEV = {"trio", "outcome", "sniffio"}
"""What only the development group of the project requires."""


def lock(name: str, python: str = "") -> str:
    return f"lock:{EXPORTERS / name}{python}"


@pytest.mark.parametrize("name", LOCKS)
def test_every_exporter_locks_the_same(name: str) -> None:
    """Those with groups have the development group too, except Pipfile.lock."""
    pins = dict(parse(lock(name, "@3.11")).pins)
    assert {package: version for package, version in pins.items() if package not in DEV} == PINS
    assert not DEV & pins.keys() or name in {"uv.lock", "poetry.lock", "pdm.lock"}


@pytest.mark.parametrize("name", FORKED)
def test_a_fork_of_a_lock_is_chosen_by_the_python(name: str) -> None:
    target = parse(lock(name, "@3.13"))
    assert (target.pythons, dict(target.pins)["httpx"]) == (("3.13",), "0.27.2")
    assert {**dict(target.pins), "httpx": "0.28.1"}.items() >= PINS.items()


@pytest.mark.parametrize("name", POETRY_1)
def test_poetry_1_is_read(name: str) -> None:
    target = parse(lock(name))
    assert {"httpx": "0.27.2", "httpcore": "1.0.9", "h2": "4.1.0"}.items() <= dict(target.pins).items()
    assert target.required_by == {"httpx": ["respx"]}
    assert any("the lock requires ^3.8" in note for note in target.notes)


@pytest.mark.parametrize(
    ("name", "required_by"),
    [
        *((name, {"httpx": ["respx"], "httpx2": ["httpx2-aws-auth"]}) for name in ("poetry.lock", "pdm.lock")),
        *(
            (name, {"httpx": ["app", "respx"], "httpx2": ["httpx2-aws-auth"]})
            for name in (
                "uv.lock",
                "uv-export.txt",
                "uv-pip-compile.txt",
                "pip-compile-hashes.txt",
                "pip-compile-line.txt",
            )
        ),
        *((name, {}) for name in ("Pipfile.lock", "pip-freeze.txt", "pipenv-requirements.txt", "poetry-export.txt")),
    ],
)
def test_the_graph_of_a_lock_says_what_requires_a_client(name: str, required_by: dict[str, list[str]]) -> None:
    assert parse(lock(name, "@3.12")).required_by == required_by
    assert parse(lock(name, "@3.11")).required_by == required_by


@pytest.mark.parametrize("name", [*LOCKS, *POETRY_1])
def test_the_line_of_every_pin_is_found(name: str) -> None:
    lines = (EXPORTERS / name).read_text().splitlines()
    for package, version in parse(lock(name, "@3.11")).pins:
        line = line_of(str(EXPORTERS / name), {package: version}, [package])
        assert line is not None, package
        assert version in lines[line - 1]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("name", ["uv-export.txt", "uv.lock", "Pipfile.lock", "pip-freeze.txt"])
def test_encodings_and_line_ends_do_not_matter(tmp_path: Path, name: str, encoding: str) -> None:
    """PowerShell writes UTF-16 with a byte order mark, other programs without one, and both CRLF."""
    text = (EXPORTERS / name).read_text().replace("\n", "\r\n")
    (tmp_path / name).write_bytes(text.encode(encoding))
    spec = f"lock:{tmp_path / name}"
    assert parse(spec).pins == parse(lock(name)).pins
    assert parse(spec).required_by == parse(lock(name)).required_by
    assert line_of(str(tmp_path / name), PINS) == line_of(str(EXPORTERS / name), PINS)


@pytest.mark.parametrize("name", LOCKS)
def test_a_renamed_lock_is_recognised(tmp_path: Path, name: str) -> None:
    (tmp_path / "renamed").write_bytes((EXPORTERS / name).read_bytes())
    assert parse(f"lock:{tmp_path}/renamed").pins == parse(lock(name)).pins

"""Lock files as targets: four formats that agree, every error in one line, and never a traceback."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from conftest import DATA
from hypothesis import example, given
from hypothesis import strategies as st

from poolgate.environments.uv import cutoff_options
from poolgate.targets.lockfiles.detect import document_of
from poolgate.targets.lockfiles.lock_spec import LockSpec
from poolgate.targets.lockfiles.pin_lines import line_of, pins_in_lines
from poolgate.targets.lockfiles.pins import pins_for
from poolgate.targets.lockfiles.presence import present
from poolgate.targets.lockfiles.pythons import RUNNING, pythons_of
from poolgate.targets.lockfiles.reader import LockError
from poolgate.targets.parse import parse

Poolgate = Callable[..., tuple[int, str, str]]
LOCKS = DATA / "locks"
EXPORTED = sorted((DATA / "exporters").iterdir())
FORMATS = ("uv.lock", "pylock.toml", "poetry.lock", "requirements.txt")
FILES = sorted(path for path in LOCKS.glob("*/*") if path.name in FORMATS)


def read_lock(spec: str) -> tuple[tuple[str, str], ...]:
    """Return the pins of a lock, for the Python that it is for."""
    return parse(spec).pins


def pins_of(text: str) -> dict[str, str]:
    """Return the pins of a lock's text for the Python that runs the tests."""
    return pins_for(document_of(text), RUNNING).versions


@pytest.mark.parametrize("project", sorted({path.parent.name for path in FILES} - {"no-client"}))
def test_all_formats_of_a_project_lock_the_same(project: str) -> None:
    """They were made by their own tools from one project: what matters to the pool has to come out equal."""
    found = {path.name: read_lock(f"lock:{path}") for path in FILES if path.parent.name == project}
    assert len(found) >= 3
    assert len(set(found.values())) == 1, found


def test_a_lock_is_a_target_with_all_that_matters_pinned() -> None:
    target = parse(f"lock:{LOCKS / 'http2' / 'uv.lock'}")
    assert (target.client, target.release) == ("httpx", None)
    assert {"httpx==0.28.1", "httpcore==1.0.9", "h2==4.4.1", "hyperframe==6.1.0"} <= set(target.requirements)
    assert not [requirement for requirement in target.requirements if requirement.startswith("certifi")]
    assert set(target.exempt) == {name for name, _ in target.pins}


@pytest.mark.parametrize("path", [path for path in FILES if path.parent.name != "no-client"], ids=str)
def test_every_pin_that_matters_has_its_line(path: Path) -> None:
    """A reviewer is shown the pin itself: the line has its version, and the package's name is there or just above."""
    lines = path.read_text().splitlines()
    for name, version in read_lock(f"lock:{path}"):
        line = line_of(str(path), {name: version}, [name])
        assert line is not None, name
        assert version in lines[line - 1]
        assert name in "".join(lines[max(0, line - 2) : line]).lower()


def test_of_several_pins_it_is_the_one_that_moved_then_the_pool(tmp_path: Path) -> None:
    lock = tmp_path / "requirements.txt"
    lock.write_text(
        "# pinned\nHTTPX[http2]==0.28.1 \\\n  --hash=sha256:00\nhttpcore == 1.0.2 ; python_version > '3'\nh11==0.16.0\n"
    )
    packages = {"httpx": "0.28.1", "httpcore": "1.0.2", "h11": "0.16.0"}
    assert line_of(str(lock), packages) == 4
    assert line_of(str(lock), packages, ["httpx"]) == 2
    assert line_of(str(lock), packages, ["h11"]) == 5
    assert line_of(str(lock), {"httpx": "0.27.0"}) is None
    assert line_of(str(tmp_path), packages) is None
    assert line_of("~no-such-user/x", packages) is None


@pytest.mark.parametrize("name", FORMATS)
def test_code_scanning_is_shown_the_line_of_the_pin(poolgate: Poolgate, name: str) -> None:
    """In four formats; workflow commands name it too."""
    path = LOCKS / "newest" / name
    line = line_of(str(path), dict(read_lock(f"lock:{path}")))
    assert line
    assert line > 1
    (run,) = json.loads(poolgate("affected", f"lock:{path}", "--format", "sarif")[1])["runs"]
    places = [place["physicalLocation"] for result in run["results"] for place in result["locations"]]
    assert places
    assert all(place["region"] == {"startLine": line} for place in places)
    assert f",line={line}::" in poolgate("affected", f"lock:{path}", "--format", "github")[1]


@pytest.mark.parametrize("name", FORMATS)
def test_markers_choose_for_the_python_that_runs_us(name: str) -> None:
    """The project wants one httpx below 3.12 and another one from there on."""
    pins = dict(read_lock(f"lock:{LOCKS / 'by-python' / name}"))
    python = parse(f"lock:{LOCKS / 'by-python' / name}").pythons[0]
    assert pins["httpx"] == ("0.27.0" if python == "3.11" else "0.28.1")


UV = 'version = 1\n[[package]]\nname = "httpx"\nversion = "0.28.1"\n'
POETRY = '[[package]]\nname = "httpx"\nversion = "0.28.1"\n{}\n[metadata]\nlock-version = "2.1"\n'
PYLOCK = 'lock-version = "1.0"\ncreated-by = "x"\n[[packages]]\nname = "httpx"\n'


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", "it is empty; name a lock file"),
        ("# nothing\n", "none of httpx, httpx2, httpxyz is in it; name a lock that has one"),
        ("requests==2.0\n", "none of httpx, httpx2, httpxyz is in it"),
        ("httpx==0.28.1; python_version < '3'\n", "httpx is in it for no Python 3.6 to 3.15 on this platform; name"),
        ("httpx>=99\n", "httpx is a floor, not a pin, and no known release of it suits; lock it"),
        ("httpx==99.*\n", "httpx is a range, not a pin, and no known release of it suits; lock it"),
        (
            "httpx @ git+https://example.org/httpx.git\n",
            "httpx comes from git+https://example.org/httpx.git, which is not a registry: install it",
        ),
        ("httpx==0.28.1\nhttpx==0.27.2\n", "httpx has two versions, 0.27.2 and 0.28.1: its markers allow both"),
        ("httpx==0.28.1\nthis is not valid\n", "line 2 is not a requirement: this is not valid"),
        ('[[package]\nname = "httpx"\n', "it can't be read as TOML: "),
        (
            'name = "x"\n',
            "it is TOML, but not a lock of Python packages: name uv.lock, pylock.toml, poetry.lock, pdm.lock",
        ),
        (UV + 'source = { git = "https://example.org/h.git" }\n', "httpx comes from git https://example.org/h.git"),
        (UV + "source = 1\n", "'source' of httpx is not a table; regenerate the lock file"),
        (UV + "dependencies = 1\n", "'dependencies' is not an array of tables; regenerate the lock file"),
        (UV + "optional-dependencies = 1\n", "'optional-dependencies' of httpx is not a table"),
        (UV + "resolution-markers = [1]\n", "'resolution-markers' of httpx is not a list of strings"),
        (UV + "resolution-markers = ['?']\n", "the marker '?' can't be read"),
        (UV.replace('"0.28.1"', "1"), "'version' of httpx is not a string; regenerate the lock file"),
        ("version = 1\npackage = 1\n", "'package' is not an array of tables; regenerate the lock file"),
        ("version = 1\n[[package]]\nversion = '1'\n", "a package has no name"),
        (UV + UV.partition("\n")[2].replace("0.28.1", "0.27.2"), "httpx has two versions, 0.27.2 and 0.28.1"),
        (POETRY.format("markers = 1"), "'markers' of httpx is not a string"),
        (POETRY.format("source = 1"), "'source' of httpx is not a table"),
        (POETRY.format("source = { type = 'git', url = 'https://x' }"), "httpx comes from git+https://x"),
        (PYLOCK, "it breaks the standard of pylock.toml: "),
        (PYLOCK + "directory = { path = '.' }\n", "httpx comes from the directory ."),
        (PYLOCK + "vcs = { type = 'git', url = 'https://x', commit-id = 'a' }\n", "httpx comes from git+https://x"),
        (PYLOCK.replace("1.0", "7.0"), "it breaks the standard of pylock.toml: "),
        (UV + f"resolution-markers = ['{'(' * 5000}']\n", "it is nested too deeply to be read"),
        (PYLOCK + f"marker = '{'(' * 5000}'\n", "it breaks the standard of pylock.toml: "),
        (f"version = {'[' * 5000}\n", "it can't be read as TOML: "),
    ],
)
def test_one_line_says_what_is_wrong_in_a_lock(poolgate: Poolgate, tmp_path: Path, text: str, expected: str) -> None:
    path = tmp_path / "some.lock"
    path.write_text(text)
    code, out, err = poolgate("affected", f"lock:{path}")
    assert (code, out) == (2, "")
    assert err.startswith(f"poolgate: lock:{path}: ")
    assert expected in err
    assert len(err.splitlines()) == 1


@pytest.mark.parametrize("markers", ["'python_version >= \"3\"'", "{ main = 'python_version >= \"3\"', dev = '' }"])
def test_poetry_writes_markers_in_two_ways(markers: str) -> None:
    assert pins_of(POETRY.format(f"markers = {markers}")) == {"httpx": "0.28.1"}


def test_an_old_poetry_lock_is_read_by_the_pythons_of_a_release() -> None:
    two = POETRY.format("python-versions = '>=3.11'").partition("[metadata]")[0]
    text = two + POETRY.format("python-versions = '<3.11'").replace("0.28.1", "0.24.1")
    assert pins_of(text) == {"httpx": "0.28.1"}


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A repository whose second revision has another lock than its first; the first has a tag."""
    path = tmp_path / "repository"
    path.mkdir()

    def git(*words: str) -> None:
        identity = ["-c", "user.name=x", "-c", "user.email=x@example.org", "-c", "init.defaultBranch=main"]
        subprocess.run(["git", *identity, *words], cwd=path, check=True, capture_output=True)

    git("init")
    for version, tag in (("0.27.2", "old"), ("0.28.1", "new")):
        (path / "requirements.txt").write_text(f"httpx=={version}\n")
        git("add", "requirements.txt")
        git("commit", "-m", tag)
        git("tag", tag)
    return path


def test_a_lock_of_a_revision_is_read_without_a_checkout(repository: Path) -> None:
    path = repository / "requirements.txt"
    assert dict(read_lock(f"lock:{path}?rev=old"))["httpx"] == "0.27.2"
    assert dict(read_lock(f"lock:{path}?rev=new"))["httpx"] == "0.28.1"
    assert read_lock(f"lock:{path}?rev=new") == read_lock(f"lock:{path}")
    assert path.read_text() == "httpx==0.28.1\n"


@pytest.mark.parametrize(
    ("file", "rev", "expected"),
    [
        ("requirements.txt", "nope", "'nope' is not a revision of that repository; `git fetch` it, or name another"),
        ("requirements.txt", "--output=x", "'--output=x' is not a revision of that repository"),
        ("uv.lock", "old", "there is no uv.lock in revision old; name another revision or file"),
        ("nowhere/uv.lock", "old", "/nowhere; name a file of a Git repository"),
    ],
)
def test_one_line_says_what_is_wrong_with_a_revision(
    poolgate: Poolgate, repository: Path, file: str, rev: str, expected: str
) -> None:
    code, out, err = poolgate("affected", f"lock:{repository / file}?rev={rev}")
    assert (code, out) == (2, "")
    assert expected in err
    assert len(err.splitlines()) == 1


def test_outside_of_a_repository_there_is_no_revision(poolgate: Poolgate, tmp_path: Path) -> None:
    (tmp_path / "uv.lock").write_text(UV)
    assert "is not in a Git repository; leave ?rev= out" in poolgate("affected", f"lock:{tmp_path}/uv.lock?rev=x")[2]


def test_without_git_a_revision_can_not_be_read(
    poolgate: Poolgate, repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", "")
    error = poolgate("affected", f"lock:{repository}/requirements.txt?rev=old")[2]
    assert "git can't be run (No such file or directory): install it, or leave ?rev= out" in error


@pytest.mark.parametrize(
    ("spec", "expected"),
    [
        ("lock:", "is not a lock target; write lock:PATH, lock:PATH@3.13, lock:PATH?rev=GITREV or"),
        ("lock:uv.lock?branch=main", "is not a lock target; write lock:PATH, lock:PATH@3.13"),
        ("lock:uv.lock?rev=", "is not a lock target"),
        ("lock:uv.lock?rev=a&rev=b", "is not a lock target"),
        ("lock:uv.lock?client=requests", "'requests' is not a client; name one of httpx, httpx2, httpxyz"),
        ("lock:/nowhere/uv.lock", "/nowhere/uv.lock can't be read: No such file or directory"),
        ("lock:/", "/ can't be read: Is a directory"),
        ("lock:~no-such-user/uv.lock", "unknown user ~no-such-user; use an absolute path"),
    ],
)
def test_an_invalid_lock_target_is_refused(poolgate: Poolgate, spec: str, expected: str) -> None:
    code, out, err = poolgate("affected", spec)
    assert (code, out) == (2, "")
    assert expected in err


def test_what_is_locked_is_hidden_by_no_cut_off() -> None:
    """The pins of a lock may be newer than the catalogue; the other packages are not."""
    target = parse(f"lock:{LOCKS}/newest/requirements.txt")
    options = cutoff_options(target)
    assert options[:2] == ["--exclude-newer", target.cutoff]
    exempt = [option.split("=")[1] for option in options[2:]]
    assert exempt == ["anyio", "h11", "httpcore", "httpx"]
    assert cutoff_options(parse("httpx==0.28.1")) == ["--exclude-newer", target.cutoff]


def test_a_lock_is_not_resolved_anew(poolgate: Poolgate) -> None:
    code, _, err = poolgate("run", "all", "--target", f"lock:{LOCKS}/newest/uv.lock", "--deps", "era")
    assert code == 2
    assert err.endswith("is locked and not resolved: `--deps era` is for releases\n")


def test_bytes_that_are_no_text(poolgate: Poolgate, tmp_path: Path) -> None:
    (tmp_path / "uv.lock").write_bytes(b"\xff\xfe\0")
    assert (
        "it is neither UTF-8 nor UTF-16 text; name a lock file" in poolgate("affected", f"lock:{tmp_path}/uv.lock")[2]
    )


def _read_or_refused(text: str) -> None:
    """Pins, or one line that says why not; any other exception fails the test."""
    try:
        document = document_of(text)
        result = str(present(LockSpec("x"), document, (pythons_of(document.requires_python) or [RUNNING])[0]))
    except LockError as error:
        result = str(error)
    assert len(result.splitlines()) == 1


@given(st.text())
def test_any_text_is_read_or_refused(text: str) -> None:
    list(pins_in_lines(text))
    _read_or_refused(text)


@given(st.data())
def test_a_damaged_lock_is_read_or_refused(data: st.DataObject) -> None:
    """Real locks with a piece cut out, doubled, or replaced by something else."""
    text = data.draw(st.sampled_from([*FILES, *EXPORTED])).read_text()
    start, end = sorted(data.draw(st.integers(0, len(text))) for _ in range(2))
    _read_or_refused(
        text[:start] + data.draw(st.sampled_from(["", text[start:end] * 2, "1", "[]", '"', "\n[["])) + text[end:]
    )


_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.sampled_from(["httpx", "0.28.1", "?", "", "os_name == 'x'"]),
    lambda inner: (
        st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from(["name", "git", "a"]), inner, max_size=2)
    ),
    max_leaves=4,
)
_KEYS = (
    "name",
    "version",
    "source",
    "dependencies",
    "optional-dependencies",
    "markers",
    "marker",
    "resolution-markers",
    "requires_python",
    "python-versions",
    "git",
)


@example("uv", {"dependencies": [{}]})
@example("uv", {"dependencies": [{"name": "httpx", "extra": 1}]})
@given(st.sampled_from(["uv", "poetry", "pylock", "pdm"]), st.dictionaries(st.sampled_from(_KEYS), _VALUES))
def test_values_of_any_kind_are_read_or_refused(kind: str, package: dict[str, object]) -> None:
    """Valid TOML that is not a lock: each value may have an unexpected type."""
    inside = _toml({"name": "httpx", "version": "0.28.1", **package})
    head = {
        "uv": "version = 1\n",
        "poetry": 'metadata = { lock-version = "2" }\n',
        "pdm": 'metadata = { lock_version = "4.5.0" }\n',
        "pylock": 'lock-version = "1.0"\n',
    }
    name = "packages" if kind == "pylock" else "package"
    _read_or_refused(f'{head[kind]}created-by = "x"\n{name} = [{inside}]\n')


@given(
    st.sampled_from(["_meta", "default", "develop"]), st.dictionaries(st.sampled_from(["httpx", "requires"]), _VALUES)
)
def test_a_pipfile_lock_of_any_values_is_read_or_refused(key: str, value: dict[str, object]) -> None:
    text = json.dumps({"_meta": {}, "default": {"httpx": {"version": "==0.28.1"}}, key: value})
    _read_or_refused(text)


def _toml(value: object) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key} = {_toml(inner)}" for key, inner in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_toml, value)) + "]"
    if isinstance(value, bool) or value is None:
        return "true" if value else "false"
    return f'"{value}"' if isinstance(value, str) else str(value)

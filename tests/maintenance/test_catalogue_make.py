"""The catalogue is made end to end from a small registry on loopback, with archives built here."""

from __future__ import annotations

from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from support.registry import FakeRegistry, sdist, wheel

from poolgate.catalogue.making.archive import code_hash, pool_requirement, read_archive
from poolgate.catalogue.making.generate import instant
from poolgate.catalogue.making.pair import pair
from poolgate.catalogue.packages import PACKAGES
from poolgate.catalogue.releases import Catalogue, Release, read
from poolgate.errors import Exit
from poolgate.maintenance.catalogue.make import main

DAY = "2026-11-20"
LAST = "2026-11-20T23:59:59Z"
TOO_NEW = "2026-11-21T00:00:00Z"


@pytest.fixture
def output(tmp_path: Path) -> Path:
    """Return the path of an older catalogue, which is alone in its folder."""
    (tmp_path / "out").mkdir()
    path = tmp_path / "out" / "catalogue.json"
    path.write_text("old")
    return path


def make(registry: FakeRegistry, output: Path) -> int:
    return main(["--cutoff", DAY, "-o", str(output)], endpoint=registry.endpoint)


def made(registry: FakeRegistry, output: Path) -> Catalogue:
    assert make(registry, output) == Exit.FINE
    return read(output)


def failed(registry: FakeRegistry, output: Path, capsys: pytest.CaptureFixture[str]) -> str:
    """Return the last line of the output; after any failure the old catalogue is the only file in its folder."""
    assert make(registry, output) == Exit.HARNESS
    assert output.read_text() == "old"
    assert [*output.parent.iterdir()] == [output]
    line = capsys.readouterr().err.splitlines()[-1]
    assert line.startswith("error: ")
    assert line.endswith(f"; {output} is unchanged")
    return line


def test_a_plain_date_means_what_it_means_to_uv() -> None:
    """`uv lock --exclude-newer 2026-11-20` under TZ=UTC writes 2026-11-21T00:00:00Z."""
    assert instant(DAY).isoformat() == "2026-11-21T00:00:00+00:00"


def test_only_final_releases_that_are_old_enough_and_not_yanked(registry: FakeRegistry, output: Path) -> None:
    for version in ("0.10.0", "0.9.0", "1.0.dev1", "1.0rc1", "1.0.post1", "not-a-version"):
        registry.add("httpcore", version, wheel("httpcore", version))
    registry.add("httpcore", "1.1", wheel("httpcore", "1.1"), yanked=True)
    registry.add("httpcore", "1.2", wheel("httpcore", "1.2"), uploaded=TOO_NEW)
    registry.add("httpcore", "1.3", wheel("httpcore", "1.3"), uploaded=LAST)
    registry.projects["httpcore"]["1.4"] = []
    releases = made(registry, output).releases("httpcore")
    assert [release.version for release in releases] == ["0.9.0", "0.10.0", "1.0.post1", "1.3"]
    assert [release.date for release in releases] == ["2026-01-02", "2026-01-02", "2026-01-02", "2026-11-20"]
    assert not [path for path in registry.asked if "1.1" in path or "1.2" in path or "dev" in path]


def test_a_file_that_came_too_late_does_not_take_its_release_away(registry: FakeRegistry, output: Path) -> None:
    registry.add("httpcore", "1.0", wheel("httpcore", "1.0"), uploaded=TOO_NEW)
    registry.add("httpcore", "1.0", sdist("httpcore", "1.0", {}))
    assert not made(registry, output).find("httpcore", "1.0").wheel


def test_a_release_without_a_wheel_is_read_from_its_sdist(registry: FakeRegistry, output: Path) -> None:
    required = "certifi\nhttpcore==0.9.*\n\n[http2]\nh2==3.*\n"
    registry.add("httpx", "0.1", sdist("httpx", "0.1", {"httpx.egg-info/requires.txt": required}))
    registry.add("httpx", "0.2", sdist("httpx", "0.2", {"PKG-INFO": "Name: httpx\nRequires-Dist: httpcore<2\n"}))
    registry.add("httpx", "0.3", sdist("httpx", "0.3", {"setup.py": "raise SystemExit('not ours to run')"}))
    releases = made(registry, output).releases("httpx")
    assert [release.requirement for release in releases] == ["httpcore==0.9.*", "httpcore<2", None]
    assert not any(release.wheel for release in releases)


def test_a_wheel_is_preferred_and_read_word_for_word(registry: FakeRegistry, output: Path) -> None:
    registry.add("httpx2", "1.0", sdist("httpx2", "1.0", {}))
    requires = ("idna", "httpcore2==9; extra == 'old'", "httpcore2==1.0; sys_platform != 'emscripten'")
    registry.add("httpx2", "1.0", wheel("httpx2", "1.0", requires))
    release = made(registry, output).find("httpx2", "1.0")
    assert release.wheel
    assert release.requirement == "httpcore2==1.0; sys_platform != 'emscripten'"
    assert release.requires_python == ">=3.8"


def test_a_wheel_with_a_hidden_module_gives_way_to_its_sdist(registry: FakeRegistry, output: Path) -> None:
    """A folder that an earlier build left behind is imported instead of the module of the same name."""
    for version, names in (("1.0", ("middleware.py",)), ("1.1", ("middleware.py", "middleware/__init__.py"))):
        registry.add("httpx", version, wheel("httpx", version, more=names))
        registry.add("httpx", version, sdist("httpx", version, {"httpx/middleware.py": ""}))
    catalogue = made(registry, output)
    assert [release.wheel for release in catalogue.releases("httpx")] == [True, False]


def test_a_bare_requirement_is_not_a_partner(registry: FakeRegistry, output: Path) -> None:
    for version in ("1.0.0", "2.0.0"):
        registry.add("httpcore", version, wheel("httpcore", version))
    registry.add("httpx", "0.25.0", wheel("httpx", "0.25.0", ("httpcore (<2,>=1.0)",)))
    registry.add("httpx", "0.25.1", wheel("httpx", "0.25.1", ("httpcore",)))
    catalogue = made(registry, output)
    assert catalogue.partner("httpcore", "1.0.0") == "0.25.0"
    assert catalogue.pairs["httpcore"]["1.0.0"].requirement == "httpcore (<2,>=1.0)"
    assert catalogue.pairs["httpcore"]["2.0.0"].httpx is None
    assert "0.25.1 (httpcore)" in (catalogue.pairs["httpcore"]["2.0.0"].reason or "")


def client(version: str, requirement: str | None) -> Release:
    return Release(version=version, date=DAY, requires_python=None, requirement=requirement, wheel=True, code="0" * 16)


@pytest.mark.parametrize(
    ("requirement", "bounded"),
    [
        ("httpcore==1.*", True),
        ("httpcore~=1.0", True),
        ("httpcore<2", True),
        ("httpcore<=1.5", True),
        ("httpcore==1.5", True),
        ("httpcore", False),
        ("httpcore>=1", False),
        ("httpcore>1,!=1.4", False),
    ],
)
def test_what_counts_as_an_upper_bound(requirement: str, bounded: bool) -> None:
    row = pair("httpcore", "1.5", [client("0.9", requirement)], {})
    assert row["httpx"] == ("0.9" if bounded else None)


def test_the_partner_is_the_newest_by_version_that_admits_the_pool() -> None:
    clients = [client("0.9", "httpcore==1.*"), client("0.10", "httpcore==1.*"), client("0.11", "httpcore==2.*")]
    assert pair("httpcore", "1.5", clients, {}) == {"httpx": "0.10", "requirement": "httpcore==1.*"}
    assert pair("httpcore", "3.0", clients, {}) == {"httpx": None, "reason": "no httpx release admits it"}


def test_only_one_family_falls_back_to_a_lower_bound() -> None:
    """httpxyz before 0.31 requires httpcore, not httpcorexyz, and drives none of its releases."""
    clients = [client("0.30", "httpcore==1.*"), client("0.31", "httpcorexyz>=1.1"), client("0.42", "httpcorexyz>=1.2")]
    row = {"httpxyz": "0.31", "requirement": "httpcorexyz>=1.1", "bounded": False}
    assert pair("httpcorexyz", "1.1.5", clients, {}) == row
    assert pair("httpcorexyz", "1.0", clients, {})["httpxyz"] is None
    assert pair("httpcorexyz", "1.3", [*clients, client("0.43", "httpcorexyz<2")], {})["httpxyz"] == "0.43"
    assert pair("httpcore2", "2.0", [client("2.0", "httpcore2>=2")], {})["httpx2"] is None


def test_a_client_that_does_not_work_with_the_pool_is_passed_over() -> None:
    clients = [client("0.9", "httpcore==1.*"), client("0.10", "httpcore==1.*")]
    row = {"httpx": "0.9", "requirement": "httpcore==1.*", "passed_over": {"0.10": "it breaks"}}
    assert pair("httpcore", "1.5", clients, {"0.10": "it breaks"}) == row


def test_the_code_hash_sees_code_and_not_the_version() -> None:
    def hashed(version: str, code: str) -> str:
        return read_archive("httpx", "a.whl", wheel("httpx", version, code=code))[1]

    assert hashed("1.0", "pool = []\n") == hashed("1.0.1", "pool = []\n")
    assert hashed("1.0", '__version__ = "1.0"\n') == hashed("1.0.1", '__version__ = "1.0.1"\n')
    assert hashed("1.0", "pool = []\n") != hashed("1.0", "pool = {}\n")
    assert hashed("1.0", 'text = "1.0"\n') != hashed("1.0.1", 'text = "1.0.1"\n')


def test_the_code_hash_sees_names_and_only_the_clients_own_modules() -> None:
    base = {"httpx/__init__.py": b"", "httpx/a.py": b"b"}
    assert code_hash("httpx", base) == code_hash("httpx", {**base, "httpx/py.typed": b"", "tests/a.py": b"c"})
    assert code_hash("httpx", base) != code_hash("httpx", {"httpx/__init__.py": b"", "httpx/b.py": b"b"})
    assert code_hash("httpx", base) != code_hash("httpx", {**base, "httpx/sub/__version__.py": b""})


def test_an_extra_is_not_what_is_required_by_default() -> None:
    files = {"x.dist-info/METADATA": b"Requires-Dist: httpcore==1; extra == 'http'\n"}
    assert pool_requirement(files) is None


def test_twice_is_the_same_and_the_second_time_downloads_nothing(registry: FakeRegistry, output: Path) -> None:
    for version in ("1.0", "1.1", "1.2", "1.3", "1.4"):
        registry.add("httpcore", version, wheel("httpcore", version))
    assert make(registry, output) == Exit.FINE
    first, asked = output.read_bytes(), len(registry.asked)
    assert make(registry, output) == Exit.FINE
    assert output.read_bytes() == first
    assert len(registry.asked) - asked == len(PACKAGES)


def test_a_kept_file_that_was_damaged_is_downloaded_again(registry: FakeRegistry, output: Path, tmp_path: Path) -> None:
    registry.add("httpcore", "1.0", wheel("httpcore", "1.0"))
    assert make(registry, output) == Exit.FINE
    (kept,) = (path for path in (tmp_path / "cache").rglob("*") if path.is_file())
    kept.write_bytes(b"half")
    assert make(registry, output) == Exit.FINE
    assert kept.read_bytes() == registry.answers["/files/httpcore-1.0-py3-none-any.whl"]


def test_each_release_is_a_line(registry: FakeRegistry, output: Path) -> None:
    registry.add("httpcore", "1.0", wheel("httpcore", "1.0"))
    registry.add("httpx", "0.9", wheel("httpx", "0.9", ("httpcore==1.*",)))
    code = read_archive("httpx", "a.whl", wheel("httpx", "0.9"))[1]
    assert make(registry, output) == Exit.FINE
    lines = output.read_text().splitlines()
    assert lines[:4] == ["{", '  "schema": "poolgate/catalogue",', '  "version": 1,', '  "cutoff": "' + TOO_NEW + '",']
    assert (
        '      {"version":"0.9","date":"2026-01-02","requires_python":">=3.8","requirement":"httpcore==1.*",'
        f'"wheel":true,"code":"{code}"}}'
    ) in lines
    assert '      "1.0": {"httpx":"0.9","requirement":"httpcore==1.*"}' in lines


def test_a_wrong_digest_is_an_error(registry: FakeRegistry, output: Path, capsys: pytest.CaptureFixture[str]) -> None:
    registry.add("httpcore", "1.0", wheel("httpcore", "1.0"))
    registry.answers["/files/httpcore-1.0-py3-none-any.whl"] = wheel("httpcore", "1.0", code="evil = 1\n")
    assert "httpcore-1.0-py3-none-any.whl does not have the digest" in failed(registry, output, capsys)


def test_a_registry_that_is_away_is_one_line(
    registry: FakeRegistry, output: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with ThreadingHTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler) as server:
        port = server.server_address[1]
    registry.endpoint = f"http://127.0.0.1:{port}/simple/"
    assert failed(registry, output, capsys).startswith("error: the registry can't be reached: ")


@pytest.mark.parametrize("answer", [b"<html>", b'{"releases": {"1.0": [{"filename": "x"}]}}', b"\xff"])
def test_an_answer_that_makes_no_sense_is_one_line(
    registry: FakeRegistry, output: Path, capsys: pytest.CaptureFixture[str], answer: bytes
) -> None:
    del registry.projects["httpcore2"]
    registry.answers["/pypi/httpcore2/json"] = answer
    assert "the registry's answer about httpcore2 can't be read" in failed(registry, output, capsys)


def test_a_project_that_is_missing_is_one_line(
    registry: FakeRegistry, output: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    del registry.projects["httpxyz"]
    assert "404" in failed(registry, output, capsys)


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"PK no zip", "can't be unpacked"),
        (b"no tar", "can't be unpacked"),
        (wheel("other", "1.0"), "has no httpx/*.py"),
        (wheel("httpx", "1.0", ("httpcore (==",)), "can't be read"),
    ],
)
def test_an_archive_that_makes_no_sense_is_one_line(
    registry: FakeRegistry, output: Path, capsys: pytest.CaptureFixture[str], data: bytes, says: str
) -> None:
    registry.add("httpx", "1.0", data)
    assert says in failed(registry, output, capsys)


def test_an_interruption_leaves_the_old_catalogue(
    registry: FakeRegistry, output: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(self: Path, target: Path) -> Path:
        assert self.read_bytes().startswith(b"{")
        raise KeyboardInterrupt

    monkeypatch.setattr(Path, "replace", interrupted)
    assert make(registry, output) == Exit.INTERRUPTED
    assert output.read_text() == "old"
    assert [*output.parent.iterdir()] == [output]


def test_a_place_that_cannot_be_written_is_one_line(
    registry: FakeRegistry, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").write_text("")
    assert make(registry, tmp_path / "file" / "catalogue.json") == Exit.HARNESS
    assert "can't be written (File exists)" in capsys.readouterr().err.splitlines()[-1]


@pytest.mark.parametrize("arguments", [[], ["--cutoff", "yesterday"]])
def test_a_call_without_a_date_is_a_usage_error(arguments: list[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main(arguments)
    assert caught.value.code == Exit.USAGE

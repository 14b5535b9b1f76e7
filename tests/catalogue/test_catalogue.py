"""The packaged catalogue is what release lines are made of: it is whole, ordered, and clear about what it lacks."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.version import Version

from poolgate.catalogue.packages import CLIENT_OF, LINES, PACKAGES
from poolgate.catalogue.releases import PACKAGED, CatalogueError, Release, curated, decode, load, read
from poolgate.errors import Exit, NothingSelectedError, UsageError


def versions(releases: list[Release]) -> list[str]:
    return [release.version for release in releases]


@pytest.mark.parametrize("package", PACKAGES)
def test_releases_are_final_ascending_and_older_than_the_cutoff(package: str) -> None:
    releases = load().releases(package)
    parsed = [release.parsed for release in releases]
    assert parsed
    assert parsed == sorted(set(parsed))
    assert not any(version.is_prerelease for version in parsed)
    assert all(release.date < load().cutoff for release in releases)
    assert load().cutoff.endswith("T00:00:00Z")


def test_reading_needs_no_registry_client() -> None:
    code = (
        "import sys, poolgate.catalogue.releases as c; c.load(); print({'requests', 'pypi_simple'} & set(sys.modules))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=True, capture_output=True).stdout == b"set()\n"


def test_a_release_is_found_however_its_version_is_written() -> None:
    assert load().find("httpx", "0.21").version == "0.21.0"


@pytest.mark.parametrize(
    ("package", "version", "says"),
    [
        ("httpx", "0.21.9", "nearest: 0.21.3 and 0.22.0"),
        ("httpx", "0.0.1", "nearest: 0.6.7"),
        ("httpx", "0.21.x", "known are 0.6.7 to "),
        ("requests", "2.0", "'requests' is not in the catalogue; it has httpx, httpcore"),
    ],
)
def test_an_unknown_release_is_a_usage_error_of_one_line(package: str, version: str, says: str) -> None:
    with pytest.raises(UsageError) as caught:
        load().find(package, version)
    assert says in str(caught.value)
    assert "\n" not in str(caught.value)


def test_an_unknown_release_names_the_cutoff_and_the_way_to_refresh() -> None:
    with pytest.raises(UsageError) as caught:
        load().find("httpx", "99")
    assert load().cutoff in str(caught.value)
    assert "python -m poolgate.maintenance.catalogue.make" in str(caught.value)


@pytest.mark.parametrize("line", LINES)
def test_a_line_without_a_range_is_all_of_it(line: str) -> None:
    assert load().line(line) == load().line(f"{line}:..") == load().releases(line)


def test_a_range_includes_its_ends_and_may_be_open() -> None:
    whole = versions(load().releases("httpx"))
    assert versions(load().line("httpx:0.21.0..0.22.0")) == ["0.21.0", "0.21.1", "0.21.2", "0.21.3", "0.22.0"]
    assert versions(load().line("httpx:0.28.0..")) == whole[whole.index("0.28.0") :]
    assert versions(load().line("httpx:..0.7.0")) == whole[: whole.index("0.7.0") + 1]
    assert versions(load().line("httpx:0.21.0..0.21.0")) == ["0.21.0"]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("httpcore2", "LINE of httpx, httpcore, httpx2, httpxyz, httpcorexyz"),
        ("aiohttp:1..2", "LINE of httpx"),
        ("", "LINE of httpx"),
        ("httpx:", "LINE:FROM..TO"),
        ("httpx:0.21.0", "LINE:FROM..TO"),
        ("httpx:0.21.0-0.22.0", "LINE:FROM..TO"),
        ("httpx:0.21.9..", "nearest: 0.21.3 and 0.22.0"),
        ("httpx:..0.21.9", "nearest: 0.21.3 and 0.22.0"),
        ("httpx:0.21.0...0.22.0", "known are 0.6.7"),
    ],
)
def test_a_line_that_cannot_be_read_says_what_there_is(text: str, says: str) -> None:
    with pytest.raises(UsageError) as caught:
        load().line(text)
    assert says in str(caught.value)


def test_an_empty_range_selects_nothing() -> None:
    with pytest.raises(NothingSelectedError, match=r"httpx:0\.22\.0\.\.0\.21\.0"):
        load().line("httpx:0.22.0..0.21.0")


@pytest.mark.parametrize("pool", CLIENT_OF)
def test_every_partner_is_a_known_client_that_requires_the_pool(pool: str) -> None:
    for version, pair in load().pairs[pool].items():
        if pair.reason:
            continue
        client = load().find(CLIENT_OF[pool], load().partner(pool, version) or "")
        assert client.requirement == pair.requirement
        requirement = Requirement(pair.requirement or "")
        assert requirement.name == pool
        assert requirement.specifier.contains(version)


def test_a_client_without_bounds_is_nobodys_partner() -> None:
    assert load().find("httpx", "0.25.1").requirement == "httpcore"
    assert "0.25.1" not in {pair.httpx for pair in load().pairs["httpcore"].values()}


def test_known_partners() -> None:
    assert load().partner("httpcore", "0.14.0") == "0.21.3"
    assert load().partner("httpcore", "0.17.2") == "0.24.1"
    assert load().partner("httpcore", "0.18.0") == "0.25.0"
    assert load().partner("httpcore2", "2.16.2") == "2.16.2"
    assert not load().pairs["httpcorexyz"]["1.1.0"].bounded
    assert load().partner("httpx", "0.28.1") is None


def test_a_pool_that_no_client_drives_has_a_reason() -> None:
    assert load().partner("httpcore", "0.5.0") is None
    assert "0.25.1" in (load().pairs["httpcore"]["0.5.0"].reason or "")
    with pytest.raises(UsageError, match="nearest"):
        load().partner("httpcore", "0.17.9")


def test_neighbours_with_the_same_code_share_its_hash() -> None:
    """httpx2 2.15.0 raised the oldest Python and changed no code; 0.27.2 undid a change of 0.27.1."""
    assert load().find("httpx2", "2.14.0").code == load().find("httpx2", "2.15.0").code
    assert load().find("httpx", "0.27.1").code != load().find("httpx", "0.27.2").code


def test_the_curated_matrix_is_the_newest_of_each_era_and_the_ends_of_the_forks() -> None:
    specs = [tuple(spec.split("==")) for spec in curated()]
    httpx = [Version(version) for name, version in specs if name == "httpx"]
    modern = {version.release[:2] for release in load().releases("httpx") if (version := release.parsed).minor >= 21}
    assert [str(version) for version in httpx[:3]] == ["0.12.1", "0.20.0", "0.21.3"]
    assert {version.release[:2] for version in httpx[2:]} == modern
    assert len(httpx) == 2 + len(modern)
    assert [version for name, version in specs if name == "httpx2"] == ["2.0.0", load().releases("httpx2")[-1].version]
    assert [version for name, version in specs if name == "httpxyz"] == [load().releases("httpxyz")[-1].version]
    assert 12 <= len(specs) <= 16


@pytest.mark.parametrize(
    "change",
    [
        (b'"version": 1,', b'"version": 2,'),
        (b"poolgate/catalogue", b"poolgate/other"),
        (b'"httpcorexyz": [', b'"other": ['),
        (b'"0.28.0"', b'"0.27.0.1"'),
        (b'"version":"0.6.7"', b'"version":"0.99"'),
        (b'"version":"0.6.7"', b'"version":"no version"'),
        (b'{"version":"0.0.1","date"', b'{"version":"0.0.1.1","date"'),
        (b'"wheel":true', b'"wheel":1'),
        (b"}\n}\n", b"}\n"),
        (b"httpcore (==0.9.*)", b"\xff"),
    ],
)
def test_a_broken_catalogue_is_one_line(change: tuple[bytes, bytes]) -> None:
    whole = PACKAGED.read_bytes()
    broken = whole.replace(*change)
    assert broken != whole
    with pytest.raises(CatalogueError) as caught:
        decode(broken)
    assert "\n" not in str(caught.value)
    assert caught.value.exit_code is Exit.HARNESS


def test_a_missing_catalogue_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(CatalogueError, match=r"nowhere\.json: No such file"):
        read(tmp_path / "nowhere.json")

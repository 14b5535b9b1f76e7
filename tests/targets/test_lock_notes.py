"""Locks that leave something open: a floor, a pool that is not there, a source that is not a registry."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from poolgate.answers.affected.package_set import package_set_of
from poolgate.catalogue.releases import load
from poolgate.errors import UsageError
from poolgate.targets.parse import parse
from poolgate.targets.target import Target

Poolgate = Callable[..., tuple[int, str, str]]


@pytest.fixture
def target(tmp_path: Path) -> Callable[[str], Target]:
    """Parse the text of a requirements file."""

    def parsed(text: str) -> Target:
        (tmp_path / "requirements.txt").write_text(text)
        return parse(f"lock:{tmp_path}/requirements.txt")

    return parsed


BOTH = "httpx==0.24.1\nhttpcore==0.17.3\n"


@pytest.mark.parametrize(
    ("line", "note"),
    [
        ("hyperframe>=5.2.0", "hyperframe is a floor, not a pin"),
        ("h11", "h11 is not pinned"),
        ("anyio>=3,<5", "anyio is a range, not a pin"),
        ("anyio~=3.7", "anyio is a range, not a pin"),
        ("trio==0.2.*", "trio is a range, not a pin"),
        (
            "sniffio @ git+https://user:secret@example.org/s",
            "sniffio comes from git+https://example.org/s, which is not",
        ),
        (
            "anyio @ file:///home/conda/feedstock_root/anyio_1/work",
            "anyio comes from file:///home/conda/feedstock_root",
        ),
        ("h2==4.1.0\nh2==4.0.0", "h2 has two versions, 4.0.0 and 4.1.0, on this Python: it is left out"),
    ],
)
def test_a_companion_without_a_pin_is_a_note(target: Callable[[str], Target], line: str, note: str) -> None:
    """A companion that is a floor, or comes from elsewhere, refuses no file."""
    found = target(BOTH + line + "\n")
    assert dict(found.pins) == {"httpx": "0.24.1", "httpcore": "0.17.3"}
    assert [each for each in found.notes if each.startswith(note)]
    assert "secret" not in str(found.notes)


@pytest.mark.parametrize("line", ["certifi>=2017", "idna", "typing-extensions @ git+https://example.org/t"])
def test_what_no_verdict_depends_on_is_not_mentioned(target: Callable[[str], Target], line: str) -> None:
    assert target(BOTH + line + "\n").notes == ()


@pytest.mark.parametrize(
    ("text", "pool", "note"),
    [
        (
            "httpx==0.28.1",
            ("httpcore", "1.0.9"),
            "httpcore is not in this lock; answered for 1.0.9, to which it resolves",
        ),
        ("httpx==0.24.1", ("httpcore", "0.17.3"), "httpcore is not in this lock; answered for 0.17.3, to which it"),
        ("httpx==0.28.1\nhttpcore>=1.0.5", ("httpcore", "1.0.9"), "httpcore is a floor, not a pin; answered for 1.0.9"),
        ("httpx==0.28.1\nhttpcore<1.0.5", ("httpcore", "1.0.4"), "httpcore is a range, not a pin; answered for 1.0.4"),
        ("httpx==0.28.1\nhttpcore", ("httpcore", "1.0.9"), "httpcore is not pinned; answered for 1.0.9"),
        ("httpx2==2.4.0", ("httpcore2", "2.4.0"), "httpcore2 is not in this lock; answered for 2.4.0"),
    ],
)
def test_a_pool_without_a_pin_is_the_one_to_which_it_resolves(
    target: Callable[[str], Target], text: str, pool: tuple[str, str], note: str
) -> None:
    found = target(text + "\n")
    assert pool in found.pins
    assert [each for each in found.notes if each.startswith(note)]


def test_the_resolved_pool_is_the_one_of_the_client_alone() -> None:
    """A lone client of a lock is answered like the same client as a SPEC: the partner in the catalogue agrees."""
    newest = load().releases("httpcore")[-1].version
    assert load().partner("httpcore", newest) == load().releases("httpx")[-1].version


@pytest.mark.parametrize(
    ("text", "pins", "note"),
    [
        ("httpx>=0.27", {"httpx": "0.28.1", "httpcore": "1.0.9"}, "httpx is a floor, not a pin; answered for 0.28.1"),
        ("httpx", {"httpx": "0.28.1", "httpcore": "1.0.9"}, "httpx is not pinned; answered for 0.28.1, to which it"),
        ("httpx==0.27.*", {"httpx": "0.27.2"}, "httpx is a range, not a pin; answered for 0.27.2, to which it"),
        ("httpx<0.25.1\nhttpcore==0.17.3", {"httpx": "0.24.1", "httpcore": "0.17.3"}, "httpx is a range, not a pin"),
        ("httpx>=0.20\nhttpcore<0.16", {"httpx": "0.25.1", "httpcore": "0.15.0"}, "httpx is a floor, not a pin"),
        ("httpx2>=2\nhttpx==0.28.1", {"httpx2": "2.16.2", "httpx": "0.28.1"}, "httpx2 is a floor, not a pin"),
    ],
)
def test_a_client_without_a_pin_is_the_one_to_which_it_resolves(
    target: Callable[[str], Target], text: str, pins: dict[str, str], note: str
) -> None:
    """The newest release within the range that suits the pool of the lock; httpx 0.25.1 names no bounds for it."""
    found = target(text + "\n")
    assert pins.items() <= dict(found.pins).items()
    assert [each for each in found.notes if each.startswith(note)]


def test_a_client_with_a_pool_of_its_own_needs_none(target: Callable[[str], Target]) -> None:
    found = target("httpx==0.7.5\n")
    assert (found.pins, found.notes) == ((("httpx", "0.7.5"),), ())


@pytest.mark.parametrize(
    ("text", "note"),
    [
        ("httpx==99.0", "httpcore is not in this lock, and httpx 99.0 is newer than the catalogue"),
        ("httpx==0.28.1\nhttpcore>=2", "httpcore is a floor, not a pin, and no known release of it suits httpx 0.28.1"),
    ],
)
def test_a_pool_that_nothing_resolves_to_is_a_note(target: Callable[[str], Target], text: str, note: str) -> None:
    found = target(text + "\n")
    assert "httpcore" not in dict(found.pins)
    assert found.notes == (note,)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (
            "httpx>=99",
            "no known release of it suits; lock it, such as with `uv lock` or `uv pip compile`, or name a release",
        ),
        ("httpx==0.27.*\nhttpcore==0.9.0", "httpx is a range, not a pin, and no known release of it suits; lock it"),
        (
            "httpcore==1.0.9",
            "none of httpx, httpx2, httpxyz is in it; name httpcore==1.0.9?bare to test the pool alone",
        ),
        (
            "httpx==0.28.1\nhttpcore @ git+https://example.org/h",
            "httpcore comes from git+https://example.org/h, which is",
        ),
    ],
)
def test_a_client_without_a_pin_says_the_way_out(target: Callable[[str], Target], text: str, reason: str) -> None:
    with pytest.raises(UsageError) as raised:
        target(text + "\n")
    assert reason in str(raised.value)


@pytest.mark.parametrize(
    "place",
    [
        "https://example.org/w/httpx-0.28.1-py3-none-any.whl",
        "./wheels/httpx-0.28.1-py3-none-any.whl",
        "httpx @ file:///w/httpx-0.28.1-py3-none-any.whl",
        "httpx @ https://example.org/httpx-0.28.1-py3-none-any.whl#sha256=00 ; python_version > '3'",
    ],
)
def test_the_name_of_a_wheel_states_its_release(target: Callable[[str], Target], place: str) -> None:
    found = target(place + "\nhttpcore==1.0.9\n")
    assert dict(found.pins) == {"httpx": "0.28.1", "httpcore": "1.0.9"}
    assert [note for note in found.notes if note.endswith("; answered as its release 0.28.1")]


@pytest.mark.parametrize(
    "option", ["-e git+https://example.org/httpx@v1#egg=httpx", "--editable=x/httpx#a=b&egg=httpx"]
)
def test_an_editable_client_is_not_a_release(target: Callable[[str], Target], option: str) -> None:
    with pytest.raises(UsageError, match=r"httpx comes from .*, which is not a registry: install it in an environment"):
        target(f"{option}\nhttpcore==1.0.9\n")


@pytest.mark.parametrize(
    "line",
    [
        "HTTPX == 0.28.1",
        "httpx===0.28.1",
        "httpx (==0.28.1)",
        "httpx[http2,socks]==0.28.1;python_version>='3.6'",
        "httpx==0.28.1  # pinned # twice",
        "httpx==0.28.1 --hash=sha256:00 --hash=sha256:11",
        "httpx \\\n  ==0.28.1 \\\n  --hash=sha256:00",
        "httpx==0.28.1 ; sys_platform != 'x' \\\n    # a comment within\n    --hash=sha256:00",
        "--pre\n--index-url=https://example.org/simple\n-f ./wheels\n--no-binary httpx\nhttpx==0.28.1",
        "-e .\n-e file:.\n./local\nhttpx==0.28.1",
        "httpx>=0.20,==0.28.1",
    ],
)
def test_every_form_of_a_pin_is_read(target: Callable[[str], Target], line: str) -> None:
    assert dict(target(f"{line}\nhttpcore==1.0.9\n").pins)["httpx"] == "0.28.1"


def test_the_answer_of_affected_has_the_notes(poolgate: Poolgate, tmp_path: Path) -> None:
    (tmp_path / "requirements.txt").write_text("httpx==0.28.1\nfastapi==0.136.3\n")
    code, out, _ = poolgate("affected", f"lock:{tmp_path}/requirements.txt", "--format", "json")
    answer = json.loads(out)
    assert code == 1
    assert answer["findings"]
    assert answer["remarks"][0] == "httpcore is not in this lock; answered for 1.0.9, to which it resolves"
    assert package_set_of(f"lock:{tmp_path}/requirements.txt").notes == answer["remarks"][:1]


def test_run_says_how_a_lock_was_understood(poolgate: Poolgate, tmp_path: Path) -> None:
    (tmp_path / "requirements.txt").write_text("httpx==0.28.1\nhttpcore==1.0.9\nh2>=3\n")
    _, out, err = poolgate("run", "sequential-reuse", "--target", f"lock:{tmp_path}/requirements.txt")
    assert f"poolgate: lock:{tmp_path}/requirements.txt: h2 is a floor, not a pin\n" in err
    assert "floor" not in out


@pytest.mark.parametrize(
    ("line", "package"),
    [
        ("httpx[http2,brotli]==0.24.1", "h2"),
        ("httpx[socks]==0.24.1", "socksio"),
        ("httpx==0.24.1\nanyio[trio]==3.7.1", "trio"),
        ("httpx==0.24.1\nh2>=3", "h2"),
    ],
)
def test_what_a_lock_contains_without_a_version_is_known(
    tmp_path: Path, target: Callable[[str], Target], line: str, package: str
) -> None:
    """An extra of a direct requirement brings a package that the file does not name."""
    found = target(f"{line}\nhttpcore==0.17.3\n")
    assert found.unpinned == (package,)
    assert any(note.startswith(f"{package} is ") for note in found.notes)
    asked = package_set_of(f"lock:{tmp_path}/requirements.txt")
    assert asked.has(package)
    assert asked.has("httpx")
    assert not asked.has("hpack")


def test_an_extra_of_another_package_brings_nothing(target: Callable[[str], Target]) -> None:
    assert target(BOTH + "langfuse[http2]==3.0.0\n").unpinned == ()


def test_the_package_of_an_extra_may_be_pinned(target: Callable[[str], Target]) -> None:
    found = target("httpx[http2]==0.24.1\nhttpcore==0.17.3\nh2==4.1.0\n")
    assert (found.unpinned, dict(found.pins)["h2"]) == ((), "4.1.0")

"""Packages of the registry: how their labels are parsed, what counts as right, and the lines of errors."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from poolgate.answers.reach.answer import GroupReach, Reach
from poolgate.cells.groups import Group
from poolgate.environments.uv import RegistryError
from poolgate.errors import Exit, PoolgateError
from poolgate.maintenance import real_programs as module
from poolgate.maintenance.real_programs import Program, Truth, check_places, labels, main, read

GROUPS = "".join(f'[program.groups.{group.value}]\nstate = "open"\n' for group in Group if group is not Group.PROXY)
LABEL = f'[[program]]\npackage = "bot"\nversion = "1.0"\nfolder = "bot"\n{GROUPS}'
PROXY = '[program.groups.proxy]\nstate = "reached"\n[program.groups.proxy.places]\n"bot/app.py:3" = "a literal"\n'
CODE = "import httpx\n\nclient = httpx.Client(proxy='http://proxy.example:1')\nclient.get('https://example.org/')\n"


@pytest.fixture(autouse=True)
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Labels, answers and downloads of a test's own; any use of the registry fails."""
    monkeypatch.setenv("POOLGATE_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(module, "LABELS", tmp_path / "labels.toml")
    monkeypatch.setattr(module, "READ", tmp_path / "read.json")
    monkeypatch.setattr(module, "run_uv", away)
    (tmp_path / "labels.toml").write_text(LABEL + PROXY)
    return tmp_path


def away(*_: object) -> None:
    raise RegistryError("the registry can't be reached: no route to host")


def download(files: Path, text: str = CODE) -> Path:
    """Put a release into the cache, where a download lies."""
    folder = files / "cache" / "real-programs" / "bot-1.0" / "bot"
    folder.mkdir(parents=True)
    (folder / "app.py").write_text(text)
    return folder


def test_labels_are_parsed_with_the_reason_of_each_line() -> None:
    (program,) = labels()
    assert (program.name, program.folder) == ("bot 1.0", "bot")
    assert program.groups[Group.PROXY] == Truth("reached", {"bot/app.py:3": "a literal"})
    assert program.groups[Group.TRIO].state == "open"


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("[[program]\n", "labels.toml: "),
        (LABEL + PROXY.replace("reached", "maybe"), "maybe"),
        (LABEL + PROXY.replace("groups.proxy", "groups.proxies"), "proxies"),
        (LABEL, "bot 1.0 has no label for proxy"),
    ],
)
def test_labels_that_are_not_valid_are_one_line(
    text: str, why: str, files: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (files / "labels.toml").write_text(text)
    assert main() == Exit.HARNESS
    error = capsys.readouterr().err
    assert why in error
    assert error.count("\n") == 1


def test_what_is_read_is_written_with_places_below_the_folder(files: Path, capsys: pytest.CaptureFixture[str]) -> None:
    download(files)
    assert main() == Exit.FINE
    found = module.answers()["bot 1.0"]
    assert (found.files, found.clients, found.groups[Group.PROXY].places) == (1, 1, ["bot/app.py:3"])
    assert capsys.readouterr().err == f"wrote {files / 'read.json'}; `make reach-table` writes the page\n"
    assert "| proxy | reached | reached | right | 1 | 0 | 0 |" in module.section()
    assert "1 Python files, " in module.section()


def test_without_the_registry_the_old_file_stays(files: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (files / "read.json").write_text("[]")
    assert main() == Exit.HARNESS
    read_file = files / "read.json"
    assert capsys.readouterr().err == (
        f"error: the registry can't be reached: no route to host; {read_file} is unchanged\n"
    )
    assert read_file.read_text() == "[]"


def test_a_release_without_the_folder_of_its_label_is_an_error(files: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "run_uv", lambda *_: None)
    with pytest.raises(PoolgateError, match=r"bot 1\.0 has no folder bot: labels\.toml names another release"):
        read(labels()[0])


@pytest.mark.parametrize("place", ["bot/missing.py:3", "bot/app.py:5", "bot/app.py:0", "bot/app.py", "bot/app.py:x"])
def test_a_label_for_a_line_that_does_not_exist_is_an_error(
    place: str, files: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    download(files)
    (files / "labels.toml").write_text(LABEL + PROXY.replace("bot/app.py:3", place))
    assert main() == Exit.HARNESS
    assert f"labels.toml labels {place}, which bot 1.0 does not have" in capsys.readouterr().err


def test_a_label_of_a_nested_folder_counts_from_its_top(files: Path) -> None:
    folder = files / "src" / "bot"
    folder.mkdir(parents=True)
    (folder / "app.py").write_text(CODE)
    groups = {Group.PROXY: Truth("reached", {"src/bot/app.py:4": "the last line"})}
    check_places(Program("bot", "1.0", "src/bot", groups), folder)


@pytest.mark.parametrize(
    ("label", "state", "outcome"),
    [
        ("reached", Reach.REACHED, "right"),
        ("reached", Reach.UNKNOWN, "admitted"),
        ("reached", Reach.DEPENDS, "admitted"),
        ("reached", Reach.NOT_SEEN, "missed"),
        ("open", Reach.REACHED, "false report"),
        ("open", Reach.UNKNOWN, "right"),
        ("open", Reach.DEPENDS, "right"),
        ("open", Reach.NOT_SEEN, "false not seen"),
        ("no", Reach.REACHED, "false report"),
        ("no", Reach.UNKNOWN, "undecided"),
        ("no", Reach.DEPENDS, "undecided"),
        ("no", Reach.NOT_SEEN, "right"),
    ],
)
def test_an_answer_is_counted_by_its_label(label: str, state: Reach, outcome: str, files: Path) -> None:
    (files / "labels.toml").write_text(LABEL + PROXY.replace("reached", label))
    lines = ["bot/app.py:3", "bot/app.py:9"]
    open_groups = {group: GroupReach(state=Reach.UNKNOWN) for group in Group}
    groups = open_groups | {Group.PROXY: GroupReach(state=state, places=lines)}
    answer = module.Answer("bot", "1.0", 1, 1, 0.1, groups)
    module.READ.write_bytes(msgspec.json.encode([answer]))
    said = "1 | 0 | `bot/app.py:9` |" if state is Reach.REACHED else "0 | `bot/app.py:3` | 0 |"
    assert f"| proxy | {label} | {state.value} | {outcome} | {said}" in module.section()


def test_a_program_that_is_not_read_yet_is_not_on_the_page(files: Path) -> None:
    (files / "read.json").write_text("[]")
    assert "bot" not in module.section()

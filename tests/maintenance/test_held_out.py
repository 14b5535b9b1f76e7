"""First answers about labelled programs: recorded once, never replaced; a name of no program is an error."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from poolgate.answers.reach.answer import Reach
from poolgate.cells.groups import Group
from poolgate.errors import Exit
from poolgate.maintenance import held_out as module
from poolgate.maintenance.held_out import main, recorded
from poolgate.maintenance.labelled import label_of, programs


@pytest.fixture(autouse=True)
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(module, "READ", tmp_path / "held_out.json")
    return tmp_path / "held_out.json"


def test_without_a_file_nothing_is_recorded() -> None:
    assert recorded() == {}


def test_the_answer_about_a_program_is_recorded(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["proxy_literal"]) == Exit.FINE
    assert list(recorded()) == ["proxy_literal"]
    assert recorded()["proxy_literal"][Group.PROXY].state is Reach.REACHED
    assert all(place.startswith("proxy_literal.py:") for place in recorded()["proxy_literal"][Group.PROXY].places)
    assert capsys.readouterr().err == f"recorded 1 of 1 programs in {file}\n"


def test_a_recorded_answer_is_never_replaced(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main(["proxy_literal"])
    first = recorded()
    changed = {name: groups | {Group.PROXY: groups[Group.TRIO]} for name, groups in first.items()}
    file.write_bytes(msgspec.json.encode(changed))
    assert main(["proxy_literal", "no_client"]) == Exit.FINE
    assert recorded()["proxy_literal"] == changed["proxy_literal"]
    assert set(recorded()) == {"proxy_literal", "no_client"}
    assert "recorded 1 of 2 programs" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("names", "why"),
    [(["proxy_literal", "misnamed"], "no program is named misnamed"), ([], "name the programs to record")],
)
def test_a_name_of_no_program_is_a_usage_error(
    names: list[str], why: str, file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(names) == Exit.USAGE
    error = capsys.readouterr().err
    assert error.startswith(f"error: {why}; ")
    assert error.endswith(f"{file} is unchanged\n")
    assert error.count("\n") == 1
    assert not file.exists()


def test_a_label_with_a_word_that_is_no_group_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("poolgate.maintenance.labelled.PROGRAMS", tmp_path)
    (tmp_path / "app.py").write_text("import httpx\nhttpx.get('https://example.org/')  #: nonsense\n")
    with pytest.raises(ValueError, match="nonsense"):
        label_of(programs()[0])

"""`--also FORMAT=PATH`: one answer, in several formats."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

Poolgate = Callable[..., tuple[int, str, str]]


def test_a_copy_is_what_its_format_prints(poolgate: Poolgate, tmp_path: Path) -> None:
    words = ("affected", "httpx==0.28.1", "--group=cost")
    copies = [f"--also={name}={tmp_path / name}" for name in ("sarif", "github")]
    code, out, err = poolgate(*words, *copies)
    assert (code, out, err) == poolgate(*words)
    for name in ("sarif", "github"):
        assert (tmp_path / name).read_text() == poolgate(*words, "--format", name)[1]


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("junit=x.xml", "--also 'junit=x.xml' is not FORMAT=PATH; the formats of affected are text, json, markdown"),
        ("sarif", "--also 'sarif' is not FORMAT=PATH"),
        ("sarif=", "--also 'sarif=' is not FORMAT=PATH"),
        ("sarif=absent/x", "absent/x can't be written: there is no folder"),
    ],
)
def test_a_copy_that_can_not_be_written_is_refused_before_anything_is_read(
    words: str, expected: str, poolgate: Poolgate
) -> None:
    code, out, err = poolgate("affected", "httpx==0.28.1", "--also", words)
    assert (code, out) == (2, "")
    assert expected in err

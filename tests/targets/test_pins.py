"""Pins as a target: the same target as the one that is parsed from its text."""

from __future__ import annotations

import pytest

from poolgate.errors import UsageError
from poolgate.targets.from_release import of_pins
from poolgate.targets.parse import parse


@pytest.mark.parametrize(
    ("pins", "python", "bare", "era", "spec"),
    [
        ({"httpx": "0.28.1"}, None, False, False, "httpx==0.28.1"),
        ({"httpx": "0.24.1", "httpcore": "0.17.2"}, "3.8", False, False, "httpx==0.24.1,httpcore==0.17.2@3.8"),
        ({"httpcore": "1.0.2"}, "3.9", True, True, "httpcore==1.0.2@3.9?bare&deps=era"),
        ({"httpcore": "0.8.4"}, None, False, True, "httpcore==0.8.4?deps=era"),
    ],
)
def test_pins_make_the_target_that_their_spec_makes(
    pins: dict[str, str], python: str | None, bare: bool, era: bool, spec: str
) -> None:
    target = of_pins(pins, python, bare=bare, era=era)
    assert target.spec == spec
    assert target == parse(spec)


def test_an_unknown_release_is_refused_like_its_text() -> None:
    with pytest.raises(UsageError, match=r"httpx '99\.0' is not in the catalogue"):
        of_pins({"httpx": "99.0"})

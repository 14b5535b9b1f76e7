"""What a release says of itself, in the headings that these packages have used."""

from __future__ import annotations

import pytest

from poolgate.environments.upstream_changelog import changelog_lines

TEXT = """\
## Installation
- not this
# Changelog
## 1.0.3 (February 13th, 2024)

- Fix support for async cancellations. (#880)
- Fix trace extension
  when used with socks proxy. (#849)

## 0.12.0

### Changed

* Something

## v0.11.1 (January 1st, 2020)
- last
---
- a footer
"""


@pytest.mark.parametrize(
    ("version", "lines"),
    [
        (
            "1.0.3",
            ["Fix support for async cancellations. (#880)", "Fix trace extension when used with socks proxy. (#849)"],
        ),
        ("0.12", ["Something"]),
        ("0.11.1", ["last"]),
        ("1.0", []),
        ("no version", []),
    ],
)
def test_the_lines_of_a_version(version: str, lines: list[str]) -> None:
    assert changelog_lines(TEXT, version) == lines

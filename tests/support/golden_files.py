"""Golden files: what is written of one example answer, in every format that its verb has."""

from __future__ import annotations

import re

from conftest import DATA

from poolgate import __version__
from poolgate.formats.format import Format

GOLDEN = DATA / "golden"
SUFFIX = {
    Format.TEXT: "txt",
    Format.JSON: "json",
    Format.MARKDOWN: "md",
    Format.JUNIT: "junit.xml",
    Format.SARIF: "sarif",
    Format.GITHUB: "github.txt",
    Format.HTML: "html",
}


def golden(name: str, wanted: Format) -> str:
    """The file, without its line end."""
    return (GOLDEN / f"{name}.{SUFFIX[wanted]}").read_text().removesuffix("\n")


def undated(written: str) -> str:
    """What is written, without the day, the version and the machine on which it was."""
    text = re.sub(r"Measured on \d{4}-\d\d-\d\d", "Measured on 2026-01-31", written)
    place = r"(?<=Measured on 2026-01-31, )(on .*), \S+ \S+, with poolgate \d+(\.\w+)*"
    text = re.sub(place, r"\1, Linux x86_64, with poolgate 0.0.0", text)
    return text.replace(f'"semanticVersion": "{__version__}"', '"semanticVersion": "0.0.0"')

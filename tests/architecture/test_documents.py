"""The documents name files, folders and make targets that exist."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from conftest import ROOT

DOCUMENTS = [
    *(ROOT / name for name in ("README.md", "CONTRIBUTING.md", "SECURITY.md", "results/FORMATS.md")),
    *sorted((ROOT / "docs").rglob("*.md")),
    *(ROOT / room / "README.md" for room in ("harness", "scenarios", "servers", "tests", "watch")),
    *sorted((ROOT / "docs").glob("*.md")),
]
MADE = {
    "page.html",
    "report.html",
    "repro.py",
    "uv.lock",
    "pylock.toml",
    "poetry.lock",
    "requirements.txt",
    "results/requalifications/",
    "queueing/redirect_hops.py",
}
"""Files of a user that the documents name, or that a command writes, and the scenario of an example."""
KEY = re.compile(r"[a-z-]+/(?:serves|dead)")
"""A key of a verdict, which looks like a path."""
_PATH = re.compile(r"[\w.-]*(?:/[\w.*-]*)+|[\w-]+\.(?:py|md|json|toml|ini)")


def named(path: Path) -> Iterator[str]:
    """Yield the paths that a document names in backticks or links to."""
    text = re.sub(r"^```.*?^```", "", path.read_text(), flags=re.MULTILINE | re.DOTALL)
    spans = re.findall(r"`([^`\n]+)`", text)
    yield from (span for span in spans if _PATH.fullmatch(span) and not _elsewhere(span))
    yield from (link for link in re.findall(r"\]\(([^)#]+)\)", text) if "://" not in link)


def _elsewhere(span: str) -> bool:
    """Return True for what looks like a path and is none of the repository: a user's file, a cache, a verdict's key."""
    parts = ("burst/after", "encode/", ".venv", ".poolgate", "path/to", "poolgate/", "NNNN", "/NAME", "/THEME")
    return span in MADE or KEY.fullmatch(span) is not None or any(part in span for part in parts)


def exists(document: Path, name: str) -> bool:
    """Return True where a name is a path, or a pattern with a match, below the document's folder or the root."""
    return any(
        any(folder.glob(name)) if "*" in name else (folder / name).exists() for folder in (document.parent, ROOT)
    )


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_every_path_that_a_document_names_exists(document: Path) -> None:
    names = list(named(document))
    assert names
    assert [name for name in names if not exists(document, name)] == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_every_make_target_that_a_document_names_exists(document: Path) -> None:
    rules = set(re.findall(r"^([\w-]+|\.venv/installed):", (ROOT / "Makefile").read_text(), flags=re.MULTILINE))
    asked = re.findall(
        r"(?:`|^)make ((?:[a-z][a-z-]*|\.venv/installed)(?: [a-z-]+)*)", document.read_text(), re.MULTILINE
    )
    assert {target for words in asked for target in words.split()} <= rules


def test_every_make_target_is_documented() -> None:
    (phony,) = re.findall(r"^\.PHONY: (.*)$", (ROOT / "Makefile").read_text(), flags=re.MULTILINE)
    text = (ROOT / "CONTRIBUTING.md").read_text()
    assert [target for target in phony.split() if f"`make {target}" not in text] == []


def test_every_package_of_the_harness_is_in_its_document() -> None:
    text = (ROOT / "harness" / "README.md").read_text()
    packages = [path.parent.name for path in (ROOT / "harness").glob("*/__init__.py")]
    assert [name for name in packages if f"`{name}/`" not in text] == []


def test_every_folder_of_tests_is_in_its_document() -> None:
    text = (ROOT / "tests" / "README.md").read_text()
    folders = [
        path.name for path in (ROOT / "tests").iterdir() if path.is_dir() and not path.name.startswith(("_", "."))
    ]
    assert [name for name in folders if f"{name}/" not in text] == []

"""Saved advisory pages: the claims of a page about an issue, from its text. HTML is read as the text that it shows.

The reader looks for lines that such pages have: `closed OWNER/REPO issue #N`, `Fix PR: URL`,
`First fixed release: V`, an environment with `Python: V` and `PACKAGE: V`, the text under `Minimal Reproduction`,
and the workarounds that have a name here.
"""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path

import msgspec

from ...catalogue.packages import PACKAGES
from ...errors import Exit, PoolgateError
from ...paths import read_at_most
from ..claims.threads import known_threads
from .nearest import nearest_scenario

MAX_PAGE = 4 * 1024 * 1024
"""Bytes that a saved page may have."""

_REPO = r"([\w.-]+/[\w.-]+?)"
_ISSUE = (rf"\b{_REPO} issue #(\d+)", rf"github\.com/{_REPO}/issues/(\d+)")
_FIX = (rf"Fix (?:PR|reference):?\s*(?:<)?https?://github\.com/{_REPO}/(?:pull|commit)/(\w+)",)
_RELEASE = (r"First fixed release:?\s*v?(\d[\w.]*\d)", r"Upgrade to version\s+v?(\d[\w.]*\d)")
_PYTHON = (r"^\W*Python:?\s*v?(\d+\.\d+)", r"under Python (\d+\.\d+)")
_PACKAGE = rf"^\W*({'|'.join(PACKAGES)}):?\s*v?(\d[\w.]*\d)"
_SIGNATURE = r"^\W*Failure Signature[^\n]*\n\W*([^\n]+?)\s*$"
_REMEDIES = {
    "semaphore": r"\bSemaphore\b",
    "wait-for-ever": r"\bpool\s*=\s*None\b",
    "no-keepalive": r"\bmax_keepalive(?:_connections)?\s*=\s*0\b",
    "retry": r"\b[Rr]etr(?:y|ies|ying) (?:on|after|the request)\b",
    "shield": r"\bshield\(",
    "read": r"\breading the (?:whole )?response\b",
    "close": r"\bclosing the response\b",
}
"""The pattern of each remedy in a page, by the name of the remedy in poolgate."""
_HEADING = r"Minimal Reproduction\s*(.*?)\s*(?:^\W*Environment\s*$|^\W*Why It Broke|\Z)"


class PageError(PoolgateError):
    """A page that can't be read, or that claims nothing that can be measured."""

    exit_code = Exit.USAGE


class Page(msgspec.Struct, frozen=True, kw_only=True):
    """The claims of a page. `issue` and `fix` as OWNER/REPO#N; None for what the page does not state.

    `packages` and `python` are its environment; `reproduction` is the code it shows; `remedies` are the workarounds
    that it recommends, by their names in poolgate; `errors` are the exceptions that it names, and `signature` is the
    line that it recommends to search logs for. `nearest` is the scenario nearest by its words, if none is about its
    issue.
    """

    file: str
    issue: str
    fix: str | None
    release: str
    python: str | None
    packages: dict[str, str]
    reproduction: str | None
    remedies: list[str]
    errors: list[str]
    signature: str | None
    executed: bool | None
    nearest: str | None = None

    @property
    def meant(self) -> str | None:
        """Return the package of the fix, by its repository."""
        name = (self.fix or self.issue).partition("#")[0].rpartition("/")[2]
        return name if name in PACKAGES else None


def load_page(path: Path) -> Page:
    """Read a saved page, text or HTML; raises PageError with its name."""
    try:
        data = read_at_most(path, MAX_PAGE)
    except OSError as error:
        raise PageError(f"{path} can't be read: {error.strerror}") from None
    text = data.decode("utf-8", "replace")
    return _page(path, text_of(text) if re.search(r"<(html|body|div|p|li)\b", text[:20_000], re.IGNORECASE) else text)


def _page(path: Path, text: str) -> Page:
    issue, release = _first(_ISSUE, text), _first(_RELEASE, text)
    if issue is None:
        raise PageError(f"{path} names no issue: a line such as `closed encode/httpx issue #1171` is looked for")
    if release is None:
        raise PageError(f"{path} names no release: a line such as `First fixed release: 0.13.0` is looked for")
    fix, python = _first(_FIX, text), _first(_PYTHON, text)
    shown = re.search(_HEADING, text, re.DOTALL | re.MULTILINE)
    signature = re.search(_SIGNATURE, text, re.MULTILINE)
    threads = {"#".join(match.groups()) for match in (issue, fix) if match}
    executed = re.search(r"Reproduced locally:?\s*(yes|no)", text, re.IGNORECASE)
    return Page(
        file=str(path),
        issue="#".join(issue.groups()),
        fix="#".join(fix.groups()) if fix else None,
        release=release[1],
        python=python[1] if python else None,
        packages={match[1]: match[2] for match in re.finditer(_PACKAGE, text, re.MULTILINE)},
        reproduction=shown[1] if shown else None,
        remedies=[name for name, pattern in _REMEDIES.items() if _recommends(pattern, text)],
        errors=sorted(set(re.findall(r"\b(?:Pool|Connect|Read|Write)(?:Timeout|Error)\b", text))),
        signature=signature[1] if signature else None,
        executed=executed[1].lower() == "yes" if executed else None,
        nearest=None if known_threads().keys() & threads else nearest_scenario(_described(text)),
    )


def _described(text: str) -> str:
    """Return the text without the lines that every page has: its issue, its fix, its release and its environment."""
    for pattern in (*_ISSUE, *_FIX, *_RELEASE, *_PYTHON, _PACKAGE):
        text = re.sub(pattern, " ", text, flags=re.IGNORECASE | re.MULTILINE)
    return text


def _recommends(pattern: str, text: str) -> bool:
    """Return whether a text recommends a remedy, rather than only mentioning that it was tried."""
    found = (re.split(r"[.!?\n]", text[: match.start()])[-1] for match in re.finditer(pattern, text))
    return any(not re.search(r"\b(?:tested|tried)\b", before) for before in found)


def _first(patterns: tuple[str, ...], text: str) -> re.Match[str] | None:
    found = (re.search(pattern, text, re.IGNORECASE | re.MULTILINE) for pattern in patterns)
    return next((match for match in found if match), None)


def text_of(html: str) -> str:
    """Return the text that an HTML page shows, a line for each block."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    lines = (" ".join(line.split()) for line in "".join(reader.parts).splitlines())
    return "\n".join(line for line in lines if line)


class _Reader(HTMLParser):
    _BLOCKS = frozenset(
        [
            "p",
            "div",
            "li",
            "ul",
            "ol",
            "h1",
            "h2",
            "h3",
            "h4",
            "h5",
            "h6",
            "pre",
            "tr",
            "table",
            "section",
            "article",
            "header",
            "footer",
            "br",
            "dt",
            "dd",
        ]
    )
    _SILENT = frozenset({"script", "style", "template"})

    def __init__(self) -> None:
        super().__init__()
        self.parts: list[str] = []
        self._silent = 0

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self._silent += tag in self._SILENT
        self._separate(tag)

    def handle_endtag(self, tag: str) -> None:
        self._silent = max(0, self._silent - (tag in self._SILENT))
        self._separate(tag)

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self.parts.append(data)

    def _separate(self, tag: str) -> None:
        self.parts.append("\n" if tag in self._BLOCKS else " " if tag in {"td", "th"} else "")

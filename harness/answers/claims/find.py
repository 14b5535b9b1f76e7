"""The claim files that a word of the command line names."""

from __future__ import annotations

import difflib
from pathlib import Path

from ...cells.commands import command
from ...errors import NothingSelectedError, UsageError
from .claim import SHIPPED_CLAIMS
from .threads import find_thread, is_thread


def find_claims(word: str) -> list[Path]:
    """Return the files of a word: a file, a directory of claims, the id of a shipped one, or a thread.

    Raises UsageError if it is none of these, NothingSelectedError for a thread without a claim.
    """
    path = Path(word)
    if path.is_dir():
        if found := sorted(path.glob("*.json")):
            return found
        raise UsageError(f"{word} has no claim files (*.json)")
    if path.exists():
        return [path]
    shipped = {file.stem: file for file in sorted(SHIPPED_CLAIMS.glob("*.json"))}
    if word in shipped:
        return [shipped[word]]
    if is_thread(word):
        return _of_thread(word, shipped)
    near = difflib.get_close_matches(word, shipped, n=1)
    hint = f"did you mean {near[0]}?" if near else "name a file, a directory of claim files, or the id of a shipped one"
    raise UsageError(f"no claim is called {word!r}; {hint}")


def _of_thread(word: str, shipped: dict[str, Path]) -> list[Path]:
    """Return the files of the claims about a thread; only the scenarios of some threads are known."""
    thread = find_thread(word)
    if not thread.claims:
        names = ", ".join(scenario.id for scenario in thread.scenarios)
        stored = command("fixed", thread.name)
        raise NothingSelectedError(f"no claim about {thread.name} ships; `{stored}` has the verdicts of {names}")
    return [shipped[claim.id] for claim in thread.claims]

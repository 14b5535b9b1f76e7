"""Files that an answer is written to as well, from `--also FORMAT=PATH`: one measurement, several formats."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path

from ..errors import UsageError
from ..formats.format import Format
from ..paths import output_path, write_whole

Copy = tuple[Format, Path]


def copies_of(arguments: argparse.Namespace) -> list[Copy]:
    """Return each format and its path, before anything is measured; raises UsageError."""
    return [_copy(words, arguments.verb, arguments.formats) for words in arguments.also]


def write_copies(copies: list[Copy], write: Callable[[Format], str]) -> None:
    """Write an answer in each of the formats, with a final newline."""
    for wanted, path in copies:
        write_whole(path, f"{write(wanted)}\n".encode())


def _copy(words: str, verb: str, formats: list[str]) -> Copy:
    name, _, path = words.partition("=")
    if name not in formats or not path:
        raise UsageError(f"--also {words!r} is not FORMAT=PATH; the formats of {verb} are {', '.join(formats)}")
    return Format(name), output_path(path)

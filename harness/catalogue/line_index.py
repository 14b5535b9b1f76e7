"""The releases that a traceback may come from, by an index of the lines of every function of every release.

`python -m poolgate.maintenance.line_index` makes the index from the sources of the releases in the catalogue. A frame
of a traceback names a file, a function, a line and mostly the text of that line; few releases have all of them.
Identical code makes some releases indistinguishable.
"""

from __future__ import annotations

import functools
import lzma
import zlib
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Literal, NamedTuple

import msgspec

from ..errors import PoolgateError
from .packages import CLIENT_OF
from .releases import Catalogue, load
from .requirements import admits

PACKAGED = Path(__file__).resolve().with_name("line_index.json.xz")
_MARKS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
NO_CODE = " "
"""The mark of a line that no frame can be at: an empty line, or a line of a docstring."""


class Frame(NamedTuple):
    """A frame of a traceback in a client or a pool.

    `file` is relative to the folder of the package, with slashes, such as `_async/connection_pool.py`. `function` is
    its name without that of its class. `text` is the line of source that the traceback shows below the frame. Both are
    empty where the traceback does not show them.
    """

    package: str
    file: str
    function: str
    line: int
    text: str = ""


class Code(msgspec.Struct, frozen=True, array_like=True):
    """The code of a function: a mark for each line, and by the number of its first line the releases that have it."""

    marks: str
    starts: dict[int, str]


class LineIndex(msgspec.Struct, frozen=True, kw_only=True):
    """The code of all functions by package, file and name; two functions of one name are two codes.

    Releases are ranges of positions in `releases`, such as `0-5,8`.
    """

    schema: Literal["poolgate/line-index"] = "poolgate/line-index"
    version: Literal[1] = 1
    cutoff: str
    releases: dict[str, list[str]]
    functions: dict[str, dict[str, dict[str, list[Code]]]]


def mark_of(text: str) -> str:
    """Return the mark of a line of source: one of 64 characters, the same for any indentation."""
    packed = "".join(text.split())
    return _MARKS[zlib.crc32(packed.encode("utf-8", "surrogatepass")) % len(_MARKS)] if packed else NO_CODE


def ranges_of(positions: Iterable[int]) -> str:
    """Return ascending positions as ranges, such as `0-5,8`."""
    ranges: list[list[int]] = []
    for position in positions:
        if ranges and position == ranges[-1][1] + 1:
            ranges[-1][1] = position
        else:
            ranges.append([position, position])
    return ",".join(f"{first}-{last}" if last > first else f"{first}" for first, last in ranges)


def positions_in(ranges: str) -> Iterator[int]:
    """Yield the positions of ranges such as `0-5,8`."""
    for text in ranges.split(","):
        first, _, last = text.partition("-")
        yield from range(int(first), int(last or first) + 1)


@functools.cache
def load_index() -> LineIndex:
    """Return the index that ships with the package; raises PoolgateError if it can't be read."""
    try:
        return msgspec.json.decode(lzma.decompress(PACKAGED.read_bytes()), type=LineIndex)
    except (OSError, lzma.LZMAError, msgspec.DecodeError) as error:
        raise PoolgateError(f"{PACKAGED} can't be read ({error}): install poolgate again") from None


def releases_of(frames: Iterable[Frame]) -> dict[str, tuple[str, ...]]:
    """Return, for each package with a frame that the index knows, the releases that the frames leave, oldest first.

    A frame that contradicts the others, as in a patched file, does not count: the releases of most frames are returned.
    Of a client and its pool, releases are left out whose requirement does not admit any release of the other.
    """
    index = load_index()
    votes: dict[str, Counter[int]] = {}
    for frame in dict.fromkeys(frames):
        if seen := set(_positions(index, frame)):
            votes.setdefault(frame.package, Counter()).update(seen)
    left = {package: _most(index.releases[package], counted) for package, counted in votes.items()}
    return _compatible(left, load())


def _positions(index: LineIndex, frame: Frame) -> Iterator[int]:
    """Yield the positions of the releases that have a frame's function with its line at this place."""
    mark = mark_of(frame.text)
    functions = index.functions.get(frame.package, {}).get(frame.file, {})
    named = [functions.get(frame.function, [])] if frame.function else functions.values()
    for code in (code for codes in named for code in codes):
        for start, ranges in code.starts.items():
            at = frame.line - start
            if 0 <= at < len(code.marks) and code.marks[at] != NO_CODE and mark in (NO_CODE, code.marks[at]):
                yield from positions_in(ranges)


def _most(releases: list[str], counted: Counter[int]) -> tuple[str, ...]:
    most = max(counted.values())
    return tuple(releases[position] for position in sorted(counted) if counted[position] == most)


def _compatible(left: dict[str, tuple[str, ...]], catalogue: Catalogue) -> dict[str, tuple[str, ...]]:
    """Return the releases without those that fit no release of the other package, unless none would be left."""
    for pool, client in CLIENT_OF.items():
        if pool not in left or client not in left:
            continue
        clients = {version: catalogue.find(client, version) for version in left[client]}
        pairs = [(one, two) for one, release in clients.items() for two in left[pool] if admits(release, pool, two)]
        if pairs:
            left[client] = tuple(version for version in left[client] if any(version == one for one, _ in pairs))
            left[pool] = tuple(version for version in left[pool] if any(version == two for _, two in pairs))
    return left

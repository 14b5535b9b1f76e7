"""Make the index of lines from the sources of all releases: `python -m poolgate.maintenance.line_index [-o PATH]`.

It needs `poolgate[catalogue]` and the registry; the same catalogue gives the same bytes.
"""

from __future__ import annotations

import ast
import functools
import lzma
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence

import msgspec
from pypi_simple import PYPI_SIMPLE_ENDPOINT

from ..catalogue.line_index import NO_CODE, PACKAGED, Code, LineIndex, mark_of, ranges_of
from ..catalogue.making.sources import Modules, sources_of
from ..catalogue.packages import PACKAGES
from ..catalogue.releases import Catalogue, load
from .written import write_file

Place = tuple[str, str, str, int]
"""Where a function is: its file, its name, the marks of its lines, and the number of its first line."""


def functions_in(text: str) -> Iterator[tuple[str, str, int]]:
    """Yield the name, the marks and the first line of each function of a module."""
    lines = text.splitlines()
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            start = min([node.lineno, *(decorator.lineno for decorator in node.decorator_list)])
            left_out = _docstring_lines(node)
            numbers = range(start, (node.end_lineno or start) + 1)
            marks = (NO_CODE if number in left_out else mark_of(lines[number - 1]) for number in numbers)
            yield node.name, "".join(marks), start


def _docstring_lines(node: ast.FunctionDef | ast.AsyncFunctionDef) -> range:
    first = node.body[0]
    if ast.get_docstring(node, clean=False) is None or len(node.body) == 1:
        return range(0)
    return range(first.lineno, (first.end_lineno or first.lineno) + 1)


def index_of(releases: Iterable[Modules]) -> dict[str, dict[str, list[Code]]]:
    """Return the codes of a package by file and function, from the modules of its releases, oldest first."""
    found: defaultdict[Place, list[int]] = defaultdict(list)
    read = functools.cache(lambda text: list(functions_in(text)))
    for position, modules in enumerate(releases):
        for file, text in modules.items():
            for place in dict.fromkeys((file, *function) for function in read(text)):
                found[place].append(position)
    starts: dict[str, dict[str, dict[str, dict[int, str]]]] = {}
    for (file, name, marks, start), positions in sorted(found.items()):
        starts.setdefault(file, {}).setdefault(name, {}).setdefault(marks, {})[start] = ranges_of(positions)
    return {
        file: {name: [Code(marks, at) for marks, at in codes.items()] for name, codes in functions.items()}
        for file, functions in starts.items()
    }


def made(catalogue: Catalogue, endpoint: str = PYPI_SIMPLE_ENDPOINT) -> bytes:
    """Return the index of all releases of a catalogue, compressed; raises CatalogueError."""
    index = LineIndex(
        cutoff=catalogue.cutoff,
        releases={package: [release.version for release in catalogue.packages[package]] for package in PACKAGES},
        functions={
            package: index_of(modules for _, modules in sources_of(catalogue, package, endpoint))
            for package in PACKAGES
        },
    )
    return lzma.compress(msgspec.json.encode(index), preset=9)


def main(arguments: Sequence[str] | None = None, endpoint: str = PYPI_SIMPLE_ENDPOINT) -> int:
    """Write the index and return the exit code; on failure print one line and keep the old index."""
    return write_file(
        "line_index", "Make the index of the releases' lines.", PACKAGED, lambda: made(load(), endpoint), arguments
    )


if __name__ == "__main__":
    raise SystemExit(main())

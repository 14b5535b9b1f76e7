"""Mutants of the judging rules: one comparison, boolean operator, negation or number is another, and nothing else.

A mutant is detected where the corpus does not come to its stored judgements any more, for whatever reason.
"""

from __future__ import annotations

import ast
import importlib
import signal
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from importlib.util import find_spec, module_from_spec
from pathlib import Path
from types import FrameType
from typing import Any, NamedTuple
from zlib import crc32

RULES: dict[str, frozenset[str] | None] = {
    "poolgate.verdict.words": None,
    "poolgate.verdict.student": None,
    "poolgate.verdict.rate": None,
    "poolgate.verdict.judgement": None,
    "poolgate.verdict.observed": None,
    "poolgate.verdict.lateness": None,
    "poolgate.verdict.ideal_pool": None,
    "poolgate.verdict.contention": None,
    "poolgate.verdict.case": None,
    "poolgate.verdict.checks": None,
    "poolgate.verdict.sweep": None,
    "poolgate.verdict.worker_end": None,
    "poolgate.verdict.model_fit": None,
    "poolgate.verdict.judge": None,
    "poolgate.verdict.outcome": frozenset(),
    "poolgate.verdict.compare": None,
    "poolgate.verdict.paired": None,
    "poolgate.verdict.summary": None,
    "poolgate.measurement.repeats": frozenset({"CONFIRMING", "KNOWN", "RACY", "wanted"}),
}
"""The modules that hold the judging rules, each with those of its definitions that are rules: None for all of them."""
CASES, GOLDEN = "corpus_cases", "corpus_golden"
UNCHANGED = -1
"""The number of the mutant that is none."""
SECONDS = 20.0
"""Seconds after which a mutant has gone into a loop without an end; the whole corpus takes a fraction of one."""

_OTHER: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
}
_WORDS: dict[type[ast.cmpop], str] = {
    ast.Lt: "<",
    ast.LtE: "<=",
    ast.Gt: ">",
    ast.GtE: ">=",
    ast.Eq: "==",
    ast.NotEq: "!=",
    ast.Is: "is",
    ast.IsNot: "is not",
    ast.In: "in",
    ast.NotIn: "not in",
}


class Mutant(NamedTuple):
    """One change of one module; `text` names it wherever its line is: where, what was there, what is there now."""

    module: str
    number: int
    text: str


class _Site(NamedTuple):
    text: str
    apply: Callable[[], None]


def mutants_of(module: str) -> list[Mutant]:
    """All mutants of a module, in the order of its source."""
    seen: Counter[str] = Counter()
    found = []
    for number, site in enumerate(_sites(_tree(module), RULES[module])):
        seen[site.text] += 1
        found.append(Mutant(module, number, site.text if seen[site.text] == 1 else f"{site.text} #{seen[site.text]}"))
    return found


def _source(module: str) -> Path:
    spec = find_spec(module)
    assert spec is not None
    assert spec.origin is not None
    return Path(spec.origin)


def _tree(module: str) -> ast.Module:
    return ast.parse(_source(module).read_bytes())


def _sites(tree: ast.Module, definitions: frozenset[str] | None) -> Iterator[_Site]:
    for statement in tree.body:
        names = {getattr(statement, "name", None)} | {
            target.id for target in getattr(statement, "targets", []) if isinstance(target, ast.Name)
        }
        if definitions is None or names & definitions:
            yield from _within(statement, [])


def _within(node: ast.AST, above: list[ast.AST]) -> Iterator[_Site]:
    here = [*above, node]
    match node:
        case ast.Compare():
            yield from (_of_operator(node, n, here) for n in range(len(node.ops)) if type(node.ops[n]) in _OTHER)
        case ast.BoolOp():
            yield _of_boolean(node, here)
        case ast.Constant(value=int() | float() as number) if not isinstance(number, bool):
            yield from (_of_number(node, value, here) for value in _near(number))
    for field, value in ast.iter_fields(node):
        if field in {"annotation", "returns"}:
            continue
        for n, child in enumerate(value if isinstance(value, list) else [value]):
            if isinstance(child, ast.UnaryOp) and isinstance(child.op, ast.Not):
                yield _of_negation(node, field, n if isinstance(value, list) else None, child, here)
            if isinstance(child, ast.AST):
                yield from _within(child, here)


def _near(value: float) -> tuple[float, float]:
    """A number a little larger and a little smaller: by one, or by a tenth of itself."""
    if isinstance(value, int):
        return value + 1, value - 1
    return (round(value * 1.1, 9), round(value * 0.9, 9)) if value else (0.1, -0.1)


def _of_operator(node: ast.Compare, n: int, here: list[ast.AST]) -> _Site:
    old, new = type(node.ops[n]), _OTHER[type(node.ops[n])]
    text = _text(here, ast.unparse(node), _WORDS[old], _WORDS[new])

    def apply() -> None:
        node.ops[n] = new()

    return _Site(text, apply)


def _of_boolean(node: ast.BoolOp, here: list[ast.AST]) -> _Site:
    old, new, other = ("and", "or", ast.Or()) if isinstance(node.op, ast.And) else ("or", "and", ast.And())

    def apply() -> None:
        node.op = other

    return _Site(_text(here, ast.unparse(node), old, new), apply)


def _of_number(node: ast.Constant, value: float, here: list[ast.AST]) -> _Site:
    around = next(
        (above for above in reversed(here[:-1]) if isinstance(above, ast.stmt | ast.Call | ast.Compare)), node
    )

    def apply() -> None:
        node.value = value

    return _Site(_text(here, ast.unparse(around), repr(node.value), repr(value)), apply)


def _of_negation(node: ast.AST, field: str, n: int | None, child: ast.UnaryOp, here: list[ast.AST]) -> _Site:
    def apply() -> None:
        if n is None:
            setattr(node, field, child.operand)
        else:
            getattr(node, field)[n] = child.operand

    return _Site(_text([*here, child], ast.unparse(child), "not", ""), apply)


def _text(here: list[ast.AST], source: str, old: str, new: str) -> str:
    names = [node.name for node in here if isinstance(node, ast.FunctionDef | ast.ClassDef)]
    short = source.partition("\n")[0][:90]
    return f"{'.'.join(names)}{': ' if names else ''}{short} | {old} -> {new or 'nothing'}"


def detected(mutant: Mutant) -> bool:
    """Whether the corpus detects a mutant. Puts other modules in the place of this process's: for a worker process."""
    signal.signal(signal.SIGALRM, _too_long)
    signal.setitimer(signal.ITIMER_REAL, SECONDS)
    try:
        _plant(mutant)
        return _differs()
    except Exception:
        # A rule that raises does not come to its judgement.
        return True
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)


def _too_long(number: int, frame: FrameType | None) -> None:
    raise TimeoutError


def unchanged_is_detected() -> bool:
    """Whether rules that are imported anew without a change are detected: then no other result says anything."""
    return detected(Mutant(next(iter(RULES)), UNCHANGED, "unchanged"))


def _plant(mutant: Mutant) -> None:
    """Import the judging rules anew, one module of them changed."""
    for name in (*RULES, CASES, GOLDEN):
        sys.modules.pop(name, None)
    tree = _tree(mutant.module)
    if mutant.number != UNCHANGED:
        list(_sites(tree, RULES[mutant.module]))[mutant.number].apply()
    spec = find_spec(mutant.module)
    assert spec is not None
    module = module_from_spec(spec)
    parent, _, leaf = mutant.module.rpartition(".")
    sys.modules[mutant.module] = module
    setattr(importlib.import_module(parent), leaf, module)
    exec(compile(ast.fix_missing_locations(tree), str(spec.origin), "exec"), module.__dict__)


def _differs() -> bool:
    """Whether any case does not come to its stored judgement; the first that differs is enough.

    Themes are mixed, so that most mutants are detected within a few cases.
    """
    corpus, golden = importlib.import_module(CASES), importlib.import_module(GOLDEN)
    stored: dict[str, Any] = golden.read_golden().judgements
    cases: dict[str, Any] = corpus.read_cases()
    return any(corpus.judged(cases[name]) != stored[name] for name in sorted(cases, key=_mixed))


def _mixed(name: str) -> int:
    return crc32(name.encode())

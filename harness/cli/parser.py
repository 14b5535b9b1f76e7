"""The parser of the command line: verbs and their options."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from typing import NoReturn

from .. import __version__
from ..errors import Exit

_EPILOG = """\
exit codes: 0 as it should be; 1 worse; 2 usage; 3 inconclusive; 4 nothing selected;
            5 the harness, the network or every install failed; 130 interrupted

SPEC: httpx==0.27.2 | httpx==0.24.1,httpcore==0.17.2 | httpcore==1.0.9 | httpx2==2.16.2 | python:PATH
      lock:PATH | lock:PATH?rev=GITREV (uv.lock, pylock.toml, poetry.lock, pinned requirements)
      httpcore==1.0.9?bare is the pool itself, with no httpx above it; `@3.8` after a package spec asks for that
      Python, `?deps=era` behind it for the packages of its day; all of it is written @3.8?bare&deps=era
      git:DIR?rev=REV, a commit of a local clone of one of them
LINE: httpx, httpcore, httpx2, httpxyz, httpcorexyz
SCENARIO: id or id[name=value,...]; globs; `core` (what every pool has to bear), `all`; `[*]` for every variant
"""

_DOCTOR = """

FAIL marks what nothing works without, and the exit code is 5. WARN marks what poolgate can do without, such as a
registry that is away while environments and packages are cached, and the exit code stays 0."""


class _Parser(argparse.ArgumentParser):
    """Says in one line what is wrong; how all of it is used fills a screen."""

    def error(self, message: str) -> NoReturn:
        self.exit(Exit.USAGE, f"poolgate: {message}; `{self.prog} --help` says what may be said\n")


def build_parser() -> argparse.ArgumentParser:
    """The parser of the whole program."""
    parser: argparse.ArgumentParser = _Parser(
        prog="poolgate",
        description="Reproduces connection-pool exhaustion in Python HTTP clients, tells a leak from back-pressure.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"poolgate {__version__}")
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB")
    _add_list(verbs)
    _add_run(verbs)
    _add_flips(verbs)
    _add_affected(verbs)
    _add_gate(verbs)
    _add_verify(verbs)
    _add_workarounds(verbs)
    _add_explain(verbs)
    _add_report(verbs)
    _add_doctor(verbs)
    _add_repro(verbs)
    _add_bisect(verbs)
    _add_diagnose(verbs)
    return parser


_Verbs = argparse._SubParsersAction


def _verb(verbs: _Verbs[argparse.ArgumentParser], name: str, text: str, *formats: str) -> argparse.ArgumentParser:
    parser = verbs.add_parser(
        name,
        help=text,
        description=text[0].upper() + text[1:] + ".",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    offered = ["text", "json", *formats]
    told = f"how to write the answer: {', '.join(offered)} (default: text)"
    parser.add_argument("--format", metavar="FORMAT", default="text", help=told)
    parser.set_defaults(formats=offered)
    return parser


def _add_list(verbs: _Verbs[argparse.ArgumentParser]) -> None:
    _verb(verbs, "list", "scenarios with their requirement and variants, and release lines")


def _add_run(verbs: _Verbs[argparse.ArgumentParser]) -> None:
    parser = _verb(
        verbs, "run", "measure scenarios on targets, or along a release line", "markdown", "junit", "github", "html"
    )
    parser.add_argument("scenario", nargs="+", metavar="SCENARIO", help="id, id[name=value,...], a glob, core, or all")
    parser.add_argument("--target", nargs="+", metavar="SPEC", help="what is under test")
    parser.add_argument("--line", metavar="LINE[:FROM..TO]", help="a release line, ends included")
    _add_deps(parser)
    parser.add_argument("--fail-on", choices=["fail", "flaky"], help="exit with 1 where a cell is that, or worse")
    _add_client(parser)
    _add_measuring(parser)


def _add_flips(verbs: _Verbs[argparse.ArgumentParser]) -> None:
    parser = _verb(verbs, "flips", "every change of behaviour along a release line", "markdown", "html")
    parser.add_argument("scenario", nargs="+", metavar="SCENARIO", help="id, id[name=value,...], a glob, core, or all")
    parser.add_argument("--line", required=True, metavar="LINE[:FROM..TO]", help="a release line, ends included")
    _add_deps(parser)
    _add_measuring(parser)


def _add_affected(verbs: _Verbs[argparse.ArgumentParser]) -> None:
    parser = _verb(
        verbs,
        "affected",
        "what is known about a target from the verdicts that ship; nothing is run",
        "markdown",
        "sarif",
        "github",
    )
    parser.add_argument(
        "spec", nargs="?", metavar="SPEC", help="a target, python:PATH or lock:PATH (default: the environment in use)"
    )


def _add_gate(verbs: _Verbs[argparse.ArgumentParser]) -> None:
    formats = ("markdown", "junit", "sarif", "github", "html")
    parser = _verb(verbs, "gate", "compare two targets or two lock files", *formats)
    parser.add_argument(
        "scenario",
        nargs="*",
        default=["core"],
        metavar="SCENARIO",
        help="id, id[...], a glob, or all, which takes several minutes (default: core, what every pool has to bear)",
    )
    parser.add_argument("--base", required=True, metavar="SPEC", help="what was used so far: a target, or lock:PATH")
    parser.add_argument("--head", required=True, metavar="SPEC", help="what shall be used from now on")
    parser.add_argument(
        "--accept",
        metavar="FILE",
        help="deviations that are accepted (default: .poolgate-accept.toml where there is one)",
    )
    parser.add_argument(
        "--min-fix", action="store_true", help="search the smallest change of pins that clears a finding"
    )
    _add_client(parser)
    _add_measuring(parser)


def _add_explain(verbs: _Verbs[argparse.ArgumentParser]) -> None:
    parser = _verb(verbs, "explain", "observed beside ideal, in ten lines, for a cell that was run here")
    parser.add_argument("cell", metavar="CELL", help="SCENARIO@SPEC, or the path of a stored history")


def _add_report(verbs: _Verbs[argparse.ArgumentParser]) -> None:
    parser = _verb(verbs, "report", "the grid of stored verdicts; nothing is run", "markdown", "junit", "html")
    parser.add_argument("-o", "--output", metavar="PATH", help="write there instead of stdout")
    which = parser.add_mutually_exclusive_group()
    which.add_argument("--own", action="store_true", help="only your own ledger")
    which.add_argument("--shipped", action="store_true", help="only what ships with poolgate")
    _add_results(parser)


def _add_doctor(verbs: _Verbs[argparse.ArgumentParser]) -> None:
    parser = _verb(verbs, "doctor", "what this machine can and can't run")
    parser.description = f"{parser.description}{_DOCTOR}"


def _add_verify(verbs: _Verbs[argparse.ArgumentParser]) -> None:
    parser = _verb(verbs, "verify", "measure what a page, changelog or issue claims", "markdown", "html")
    parser.add_argument(
        "claim",
        nargs="+",
        metavar="CLAIM",
        help="a claim file, a directory of them, the id of one, or a page saved as text or HTML",
    )
    parser.add_argument("--write", action="store_true", help="keep what was measured in the claim files")
    _add_measuring(parser)


def _add_workarounds(verbs: _Verbs[argparse.ArgumentParser]) -> None:
    parser = _verb(verbs, "workarounds", "which of the remedies that people pass on help on a target", "markdown")
    parser.add_argument(
        "scenario", nargs="*", default=["core"], metavar="SCENARIO", help="against what (default: core)"
    )
    parser.add_argument("--target", required=True, metavar="SPEC", help="what is in use")
    _add_measuring(parser)


def _add_repro(verbs: _Verbs[argparse.ArgumentParser]) -> None:
    parser = _verb(verbs, "repro", "a one-file script that shows it anywhere, with inline script metadata")
    parser.add_argument("scenario", metavar="SCENARIO", help="id or id[name=value,...]")
    parser.add_argument("--target", required=True, metavar="SPEC", help="what is under test")
    parser.add_argument(
        "-o", "--output", metavar="PATH", help="write there instead of stdout; `uv run PATH` executes it"
    )


def _add_bisect(verbs: _Verbs[argparse.ArgumentParser]) -> None:
    parser = _verb(verbs, "bisect", "the commit of a local clone, or the release, with which it changed", "markdown")
    parser.add_argument("scenario", metavar="SCENARIO", help="id or id[name=value,...]")
    parser.add_argument("--git", metavar="DIR", help="a local clone; its checkout is left alone")
    parser.add_argument("--line", metavar="LINE", help="a release line")
    parser.add_argument("--good", metavar="REV", help="a commit or a release that does not show it, older or newer")
    parser.add_argument("--bad", metavar="REV", help="a commit or a release that shows it")
    parser.add_argument("--step", action="store_true", help="judge what is checked out, for `git bisect run`")
    parser.add_argument("--log", metavar="PATH", help="keep each step there; what it has is not measured again")
    parser.add_argument("--again", action="store_true", help="measure anew what your ledger knows already")
    parser.add_argument("--confidence", type=_percent, metavar="PERCENT", default=95, help="how sure (default: 95)")
    parser.add_argument(
        "--jobs", type=_up_to(1_000), metavar="N", help="cells side by side: fewer rounds, more cells (default: 1)"
    )
    _add_scale(parser)


def _add_deps(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--deps",
        choices=["cutoff", "era"],
        default="cutoff",
        help="resolve as of the catalogue's cut-off, or of the day of each release (default: cutoff)",
    )


def _add_measuring(parser: argparse.ArgumentParser) -> None:
    """What every verb that measures takes."""
    parser.add_argument("--again", action="store_true", help="measure anew what your ledger knows already")
    parser.add_argument("--strict", action="store_true", help="measure anew what is only requalified in your ledger")
    parser.add_argument(
        "--repeats", type=_up_to(10_000), metavar="N", help="runs of each cell (default: what it takes)"
    )
    parser.add_argument(
        "--jobs", type=_up_to(1_000), metavar="N", help="cells side by side at most (default: 10 for each core)"
    )
    _add_scale(parser)


def _add_client(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--client",
        metavar="MODULE:FACTORY",
        help="your own client, made by calling this in each environment (or path/to/file.py:factory); it may have up "
        "to 20 connections, or takes `limits`; verdicts are not kept",
    )


def _add_scale(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--unit", type=_up_to(60_000), metavar="MS", default=100, help="a unit in ms (default: 100)")
    parser.add_argument("--seed", type=_whole, metavar="N", default=0, help="of everything random (default: 0)")
    _add_results(parser)


def _add_diagnose(verbs: _Verbs[argparse.ArgumentParser]) -> None:
    parser = _verb(verbs, "diagnose", "a traceback or log on stdin; what it means, what to try")
    _add_results(parser)


def _add_results(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--results", metavar="DIR", help="your own ledger (default: POOLGATE_RESULTS, else user data)")


def _up_to(most: int) -> Callable[[str], int]:
    """The type of an option that is a whole number from 1 to this one."""

    def number(text: str) -> int:
        found = int(text) if text.isdecimal() and len(text) < 10 else 0
        if not 1 <= found <= most:
            raise argparse.ArgumentTypeError(f"{text!r} is no whole number from 1 to {most}")
        return found

    return number


def _whole(text: str) -> int:
    try:
        return int(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is no whole number") from None


def _percent(text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        number = 0.0
    if not 0 < number < 100:
        raise argparse.ArgumentTypeError(f"{text!r} is not between 0 and 100")
    return number

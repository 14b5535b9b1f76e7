"""The parser of the command line: verbs and their options."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from typing import NoReturn

from .. import __version__
from ..errors import Exit

_EPILOG = """\
exit codes: 0 fine; 1 worse; 2 usage; 3 inconclusive; 4 nothing selected;
            5 the harness, the network or every install failed; 130 interrupted

SPEC: httpx==0.27.2 | httpx==0.24.1,httpcore==0.17.2 | httpcore==1.0.9 | httpx2==2.16.2 | python:PATH
      lock:PATH[@PYTHON][?rev=GITREV&client=NAME] (uv.lock, pylock.toml, poetry.lock, pdm.lock, Pipfile.lock,
      pinned requirements)
      httpcore==1.0.9?bare is the pool alone, without httpx; `@3.8` after a package SPEC selects that Python,
      `?deps=era` resolves with the packages of its release day; all of these together: @3.8?bare&deps=era
      git:DIR?rev=REV is a commit of a local clone of one of these projects
LINE: httpx, httpcore, httpx2, httpxyz, httpcorexyz
SCENARIO: id or id[name=value,...]; globs; `core` (what every pool must handle), `all`; `[*]` for every variant;
      `standard` (what each release of a line has), `deep` (every variant of all)
"""

_DOCTOR = """\
FAIL marks something that poolgate can't run without; the exit code is 5. WARN marks something that it can run without,
such as an unreachable registry while environments and packages are cached; the exit code stays 0.

"""


class _Parser(argparse.ArgumentParser):
    """A parser that prints one line for a usage error, not the whole usage."""

    def error(self, message: str) -> NoReturn:
        self.exit(Exit.USAGE, f"poolgate: {message}; see `{self.prog} --help`\n")


def build_parser() -> argparse.ArgumentParser:
    """Return the parser of the whole program."""
    parser: argparse.ArgumentParser = _Parser(
        prog="poolgate",
        description="Reproduce connection-pool exhaustion in Python HTTP clients; separate leaks from back-pressure.",
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
    _add_fixed(verbs)
    _add_floor(verbs)
    _add_merge(verbs)
    _add_new(verbs)
    _add_watch(verbs)
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
    explained = f"format of the answer: {', '.join(offered)} (default: text)"
    parser.add_argument("--format", metavar="FORMAT", default="text", help=explained)
    parser.set_defaults(formats=offered, measures=False)
    return parser


def _add_list(verbs: _Verbs[argparse.ArgumentParser]) -> None:
    _verb(verbs, "list", "list scenarios with their requirements and variants, and release lines")


def _add_run(verbs: _Verbs[argparse.ArgumentParser]) -> None:
    parser = _verb(
        verbs, "run", "measure scenarios on targets, or along a release line", "markdown", "junit", "github", "html"
    )
    parser.add_argument("scenario", nargs="+", metavar="SCENARIO", help="id, id[name=value,...], a glob, core, or all")
    parser.add_argument("--target", nargs="+", metavar="SPEC", help="targets to test")
    parser.add_argument("--line", metavar="LINE[:FROM..TO]", help="a release line, ends included")
    _add_deps(parser)
    parser.add_argument(
        "--fail-on", choices=["fail", "flaky"], help="exit with 1 if a cell has this status or a worse one"
    )
    parser.add_argument("--plan", action="store_true", help="print cells, runs and predicted hours; measure nothing")
    parser.add_argument(
        "--shard", metavar="I/N", help="measure one part of N, chosen by cell; `poolgate merge` joins their ledgers"
    )
    _add_client(parser)
    _add_measuring(parser)
    _add_keys(parser)
    parser.set_defaults(measures=True)


def _add_flips(verbs: _Verbs[argparse.ArgumentParser]) -> None:
    parser = _verb(verbs, "flips", "find every change of behaviour along a release line", "markdown", "html")
    parser.add_argument("scenario", nargs="+", metavar="SCENARIO", help="id, id[name=value,...], a glob, core, or all")
    parser.add_argument("--line", required=True, metavar="LINE[:FROM..TO]", help="a release line, ends included")
    _add_budget(
        parser,
        "time for runs of neighbours in turns, where their own leave it to chance; 0 runs none (default: 60)",
        default=60,
    )
    _add_deps(parser)
    _add_measuring(parser)
    _add_keys(parser)
    parser.set_defaults(measures=True)


def _add_affected(verbs: _Verbs[argparse.ArgumentParser]) -> None:
    parser = _verb(
        verbs,
        "affected",
        "report what stored verdicts say about a target, and where to go; runs nothing",
        "markdown",
        "sarif",
        "github",
    )
    parser.add_argument(
        "spec", nargs="?", metavar="SPEC", help="a target, python:PATH or lock:PATH (default: the environment in use)"
    )
    _add_also(parser)
    parser.add_argument(
        "--code", metavar="PATH", help="the program's source: report what it reaches first, and where; nothing is run"
    )
    parser.add_argument("--all", action="store_true", help="print every finding, not one screen")
    parser.add_argument("--keys", action="store_true", help="as --all, with the key of each verdict")
    parser.add_argument(
        "--scenario", nargs="+", metavar="SCENARIO", help="only these: id, id[...], a glob, core, or all[*]"
    )
    _add_group(parser)
    _add_accept(parser)
    _add_results(parser)


def _add_gate(verbs: _Verbs[argparse.ArgumentParser]) -> None:
    formats = ("markdown", "junit", "sarif", "github", "html")
    parser = _verb(verbs, "gate", "compare two targets or two lock files, from stored verdicts first", *formats)
    _add_also(parser)
    what = "id, id[...], a glob, core, or all (default: all that go through a changed package)"
    parser.add_argument("scenario", nargs="*", default=[], metavar="SCENARIO", help=what)
    parser.add_argument("--scenario", dest="scenarios", nargs="+", action="extend", metavar="SCENARIO", help=what)
    parser.add_argument(
        "--base",
        metavar="SPEC",
        help="the current version: a target or lock:PATH (default: the lock of head at the merge base with the default "
        "branch)",
    )
    parser.add_argument(
        "--head",
        metavar="SPEC",
        help="the version to upgrade to: a target or lock:PATH (default: the lock file of the working tree)",
    )
    _add_budget(
        parser,
        "time to measure what the ledgers do not have (default: 60); 0 measures nothing; a number also measures "
        "what stored runs leave to chance: 1800 detects differences of 20 points",
    )
    _add_accept(parser)
    parser.add_argument(
        "--min-fix", action="store_true", help="search for the smallest change of pins that clears a finding"
    )
    parser.add_argument(
        "--surface", action="store_true", help="compare the public APIs even if nothing else needs both environments"
    )
    parser.add_argument("--all", action="store_true", help="print every cell, not only what decides")
    _add_keys(parser)
    _add_client(parser)
    _add_measuring(parser)


def _add_accept(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--accept",
        metavar="FILE",
        help="file of accepted deviations (default: .poolgate-accept.toml if it exists)",
    )


def _add_also(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--also",
        action="append",
        default=[],
        metavar="FORMAT=PATH",
        help="write the answer to a file too, such as sarif=poolgate.sarif; may be repeated",
    )


def _add_explain(verbs: _Verbs[argparse.ArgumentParser]) -> None:
    parser = _verb(verbs, "explain", "compare a run of a cell with the ideal pool, in ten lines")
    parser.add_argument(
        "cell",
        metavar="CELL",
        help="SCENARIO@SPEC, which is run if it was not run here, or the path of a stored history",
    )
    _add_keys(parser)


def _add_report(verbs: _Verbs[argparse.ArgumentParser]) -> None:
    parser = _verb(verbs, "report", "print the grid of stored verdicts; runs nothing", "markdown", "junit", "html")
    parser.add_argument("-o", "--output", metavar="PATH", help="write to this file instead of stdout")
    which = parser.add_mutually_exclusive_group()
    which.add_argument("--own", action="store_true", help="only verdicts of your own ledger")
    which.add_argument("--shipped", action="store_true", help="only verdicts that ship with poolgate")
    _add_results(parser)
    _add_keys(parser)


def _add_doctor(verbs: _Verbs[argparse.ArgumentParser]) -> None:
    parser = _verb(verbs, "doctor", "check what this machine can and can't run")
    parser.epilog = f"{_DOCTOR}{_EPILOG}"
    parser.set_defaults(measures=True)


def _add_verify(verbs: _Verbs[argparse.ArgumentParser]) -> None:
    parser = _verb(verbs, "verify", "measure what a page, changelog or issue claims", "markdown", "html")
    parser.add_argument(
        "claim",
        nargs="+",
        metavar="CLAIM",
        help="a claim file, a directory of claim files, the id of a claim, a thread such as encode/httpx#1171, or a "
        "page saved as text or HTML",
    )
    _add_budget(
        parser, "answer from stored verdicts, and measure the rest for at most so long (default: measure everything)"
    )
    parser.add_argument("--write", action="store_true", help="write the measured verdicts to the claim files")
    _add_measuring(parser)
    _add_keys(parser)
    parser.set_defaults(measures=True)


def _add_workarounds(verbs: _Verbs[argparse.ArgumentParser]) -> None:
    parser = _verb(verbs, "workarounds", "test common workarounds on a target", "markdown")
    parser.add_argument(
        "scenario",
        nargs="*",
        default=[],
        metavar="SCENARIO",
        help="scenarios to test them against (default: those that fail on the target by stored verdicts, else core)",
    )
    parser.add_argument("--target", required=True, metavar="SPEC", help="the target in use")
    parser.add_argument(
        "--symptom",
        metavar="WORD",
        help="only scenarios that can end in it: pool-timeout, hang, leak, error, over-limit, missing-timeout, slow, "
        "the failure that `diagnose` names, or an exception such as ReadError",
    )
    _add_budget(parser, "time for measuring what the ledgers do not have; 0 measures nothing (default: 60)", default=60)
    parser.add_argument("--all", action="store_true", help="print each remedy against each scenario, with its load")
    parser.add_argument("--keys", action="store_true", help="as --all, with the key of each verdict")
    _add_measuring(parser)
    parser.set_defaults(measures=True)


def _add_repro(verbs: _Verbs[argparse.ArgumentParser]) -> None:
    parser = _verb(verbs, "repro", "write a one-file script that reproduces a scenario, with inline script metadata")
    parser.add_argument("scenario", metavar="SCENARIO", help="id or id[name=value,...]")
    parser.add_argument("--target", required=True, metavar="SPEC", help="the target to test")
    parser.add_argument(
        "-o", "--output", metavar="PATH", help="write to this file instead of stdout; `uv run PATH` executes it"
    )
    parser.set_defaults(measures=True)


def _add_bisect(verbs: _Verbs[argparse.ArgumentParser]) -> None:
    parser = _verb(verbs, "bisect", "find the commit or release that changed a scenario's result", "markdown")
    parser.add_argument("scenario", metavar="SCENARIO", help="id or id[name=value,...]")
    parser.add_argument("--git", metavar="DIR", help="a local clone; its working tree is not changed")
    parser.add_argument("--line", metavar="LINE", help="a release line")
    parser.add_argument(
        "--good",
        metavar="REV",
        help="a commit or release without the defect, older or newer than --bad; with --step, the commit that runs in "
        "turns where chance decides the scenario (default: the first that `git bisect` was started with)",
    )
    parser.add_argument("--bad", metavar="REV", help="a commit or release with the defect")
    parser.add_argument(
        "--step",
        action="store_true",
        help="judge the commit that is checked out, for `git bisect run`; what stays undecided is skipped (125)",
    )
    parser.add_argument(
        "--log", metavar="PATH", help="record each step in this file; recorded steps are not measured again"
    )
    parser.add_argument("--again", action="store_true", help="measure again, even if your ledger has the verdict")
    parser.add_argument(
        "--confidence", type=_percent, metavar="PERCENT", default=95, help="probability of the result (default: 95)"
    )
    _add_budget(
        parser,
        "where chance decides the scenario: time to run places in turns with the good end, with --step for each commit "
        "(default: 600)",
        default=600,
    )
    parser.add_argument(
        "--jobs", type=_up_to(1_000), metavar="N", help="cells in parallel: fewer rounds, more cells (default: 1)"
    )
    _add_scale(parser)
    _add_keys(parser)
    parser.set_defaults(measures=True)


def _add_watch(verbs: _Verbs[argparse.ArgumentParser]) -> None:
    parser = _verb(verbs, "watch", "show the pools of a running program that is watched")
    parser.add_argument(
        "pid",
        nargs="?",
        type=_up_to(2**22),
        metavar="PID",
        help="a process that has poolgate.watch and a socket: POOLGATE_WATCH=1 (default: list all of yours)",
    )
    parser.add_argument("--once", action="store_true", help="print the pools once; on a terminal they are refreshed")


def _add_keys(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--keys", action="store_true", help="print the key of each verdict, as in the ledger")


def _add_deps(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--deps",
        choices=["cutoff", "era"],
        default="cutoff",
        help="resolve dependencies at the catalogue's cut-off date, or at the day of each release (default: cutoff)",
    )


def _add_measuring(parser: argparse.ArgumentParser) -> None:
    """Add the options of every verb that measures."""
    parser.add_argument("--again", action="store_true", help="measure again, even if your ledger has the verdict")
    parser.add_argument(
        "--strict", action="store_true", help="measure again the cells that are only requalified in your ledger"
    )
    parser.add_argument(
        "--repeats", type=_up_to(10_000), metavar="N", help="runs of each cell (default: as many as its verdict needs)"
    )
    parser.add_argument(
        "--jobs", type=_up_to(1_000), metavar="N", help="maximum of cells in parallel (default: 10 per core)"
    )
    _add_scale(parser)


def _add_client(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--client",
        metavar="MODULE:FACTORY",
        help="a factory of your own client, called in each environment (or path/to/file.py:factory); a limit of more "
        "than 20 connections is lowered; verdicts are not stored",
    )


def _add_scale(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--unit", type=_up_to(60_000), metavar="MS", default=100, help="time unit in ms (default: 100)")
    parser.add_argument("--seed", type=_whole, metavar="N", default=0, help="random seed (default: 0)")
    _add_results(parser)


def _add_diagnose(verbs: _Verbs[argparse.ArgumentParser]) -> None:
    parser = _verb(verbs, "diagnose", "explain a pool failure in a traceback or log on stdin, and list checks")
    _add_results(parser)


def _add_fixed(verbs: _Verbs[argparse.ArgumentParser]) -> None:
    text = "report which releases fixed what a thread describes, where it came back, and what is best; runs nothing"
    parser = _verb(verbs, "fixed", text)
    parser.add_argument(
        "thread", metavar="THREAD", help="an issue or pull request: encode/httpx#1171, its URL, httpx-1171, or 1171"
    )
    parser.add_argument("--all", action="store_true", help="print every failure on every release line")
    _add_results(parser)


def _add_floor(verbs: _Verbs[argparse.ArgumentParser]) -> None:
    parser = _verb(verbs, "floor", "report which lower bound a library may declare, by stored verdicts; runs nothing")
    parser.add_argument("requirement", metavar="REQUIREMENT", help="what the library requires now: 'httpx2>=2.0,<3'")
    parser.add_argument(
        "--scenario", nargs="+", default=["all"], metavar="SCENARIO", help="only these scenarios (default: all)"
    )
    _add_group(parser)
    parser.add_argument("--all", action="store_true", help="print everything that stops, and all that is not judged")
    _add_results(parser)


def _add_new(verbs: _Verbs[argparse.ArgumentParser]) -> None:
    text = "measure the releases after the catalogue's cut-off, and what they change"
    parser = _verb(verbs, "new", text, "markdown")
    parser.add_argument(
        "--scenario", nargs="+", default=["standard"], metavar="SCENARIO", help="scenarios (default: standard)"
    )
    parser.add_argument("--since", metavar="DAY", help="releases after this day (default: the catalogue's last day)")
    parser.add_argument("--until", metavar="DAY", help="and up to this day (default: today); of a past one no network")
    _add_budget(
        parser,
        "time for runs of neighbours in turns, where their own leave it to chance; 0 runs none (default: 60)",
        default=60,
    )
    _add_measuring(parser)
    _add_keys(parser)
    parser.set_defaults(measures=True)


def _add_merge(verbs: _Verbs[argparse.ArgumentParser]) -> None:
    parser = _verb(verbs, "merge", "merge ledgers of shards or machines into your own; contradictions are listed")
    parser.add_argument("ledger", nargs="+", metavar="DIR", help="a ledger: the folder that --results named")
    _add_results(parser)


def _add_group(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--group",
        nargs="+",
        default=[],
        metavar="GROUP",
        help="only these: cancellation, queue, closing, threads, cost, proxy, http2, socks, trio",
    )


def _add_results(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--results", metavar="DIR", help="your own ledger (default: POOLGATE_RESULTS, else user data)")


def _add_budget(parser: argparse.ArgumentParser, purpose: str, default: int | None = None) -> None:
    parser.add_argument("--budget", type=_up_to(86_400, least=0), default=default, metavar="SECONDS", help=purpose)


def _up_to(most: int, least: int = 1) -> Callable[[str], int]:
    """Return the type of an option that is a whole number from `least` to `most`."""

    def number(text: str) -> int:
        found = int(text) if text.isdecimal() and len(text) < 10 else -1
        if not least <= found <= most:
            raise argparse.ArgumentTypeError(f"{text!r} is not a whole number from {least} to {most}")
        return found

    return number


def _whole(text: str) -> int:
    try:
        return int(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number") from None


def _percent(text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        number = 0.0
    if not 0 < number < 100:
        raise argparse.ArgumentTypeError(f"{text!r} is not between 0 and 100")
    return number

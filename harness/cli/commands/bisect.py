"""`poolgate bisect`: find the commit or release that changed a scenario's result."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from dataclasses import replace
from functools import partial

from ...answers.bisect.answer import BisectAnswer, Question, bisect, one_variant
from ...answers.bisect.checked_out import step
from ...answers.bisect.search import Side
from ...errors import Exit, PoolgateError
from ...formats.bisect import to_markdown, to_text
from ...formats.format import to_json
from ...measurement.cached import Measurer
from ..measuring import measurer_of

STEP_CODES = {Side.GOOD: 0, Side.BAD: 1, Side.SKIP: 125}
"""Exit codes that `git bisect run` takes for verdicts; it stops at 128 and above."""
STEP_ERRORS = {Exit.USAGE: 128, Exit.NOTHING_SELECTED: 128, Exit.INTERRUPTED: 130}
STEP_BROKEN = 129


def main(arguments: argparse.Namespace) -> Exit | int:
    """Find the change and print it; with `--step`, judge the commit that is checked out."""
    if arguments.step:
        return _guarded(arguments)
    scenario, variant = one_variant(arguments.scenario)
    answer = bisect(_measurer(arguments), _question(arguments), scenario, variant)
    write: dict[str, Callable[[BisectAnswer], str]] = {
        "json": to_json,
        "text": partial(to_text, keys=arguments.keys),
        "markdown": partial(to_markdown, keys=arguments.keys),
    }
    print(write[arguments.format](answer))
    return Exit.FINE if answer.found else Exit.INCONCLUSIVE


def _measurer(arguments: argparse.Namespace) -> Measurer:
    """Return the measurer, with two cells in parallel at least: a step that is asked for `--bad` measures two."""
    measurer = measurer_of(arguments)
    return replace(measurer, jobs=max(2, measurer.jobs))


def _question(arguments: argparse.Namespace) -> Question:
    return Question(
        git=arguments.git or "",
        line=arguments.line or "",
        good=arguments.good or "",
        bad=arguments.bad or "",
        log=arguments.log or "",
        at_once=arguments.jobs or 1,
        confidence=arguments.confidence / 100,
        budget=arguments.budget,
    )


def _guarded(arguments: argparse.Namespace) -> int:
    """Judge one step; an error returns a code that stops Git, never one that it takes for a verdict."""
    try:
        return STEP_CODES[step(_measurer(arguments), _question(arguments), arguments.scenario)]
    except PoolgateError as error:
        print(f"poolgate: {error}", file=sys.stderr)
        return STEP_ERRORS.get(error.exit_code, STEP_BROKEN)
    except KeyboardInterrupt:
        return STEP_ERRORS[Exit.INTERRUPTED]

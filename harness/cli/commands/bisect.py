"""`poolgate bisect`: the commit, or the release, with which behaviour changed."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from dataclasses import replace

from ...answers.bisect.answer import BisectAnswer, Question, bisect, one_variant, step
from ...answers.bisect.search import Side
from ...errors import Exit, PoolgateError
from ...formats.bisect import to_markdown, to_text
from ...formats.format import to_json
from ...measurement.cached import Measurer
from ..measuring import measurer_of

STEP_CODES = {Side.GOOD: 0, Side.BAD: 1, Side.SKIP: 125}
"""What `git bisect run` understands; at 128 and above it stops."""
STEP_TROUBLE = {Exit.USAGE: 128, Exit.NOTHING_SELECTED: 128, Exit.INTERRUPTED: 130}
STEP_BROKEN = 129


def main(arguments: argparse.Namespace) -> Exit | int:
    if arguments.step:
        return _guarded(arguments)
    scenario, variant = one_variant(arguments.scenario)
    answer = bisect(_measurer(arguments), _question(arguments), scenario, variant)
    write: dict[str, Callable[[BisectAnswer], str]] = {"json": to_json, "text": to_text, "markdown": to_markdown}
    print(write[arguments.format](answer))
    return Exit.FINE if answer.found else Exit.INCONCLUSIVE


def _measurer(arguments: argparse.Namespace) -> Measurer:
    """Return the measurer, with two cells in parallel at least: a step that is asked for `--bad` measures two."""
    return replace(measurer_of(arguments), jobs=max(2, arguments.jobs or 1))


def _question(arguments: argparse.Namespace) -> Question:
    return Question(
        git=arguments.git or "",
        line=arguments.line or "",
        good=arguments.good or "",
        bad=arguments.bad or "",
        log=arguments.log or "",
        at_once=arguments.jobs or 1,
        confidence=arguments.confidence / 100,
    )


def _guarded(arguments: argparse.Namespace) -> int:
    """A step whose trouble stops Git: what it takes for "not judged" or "bad" is never an error of ours."""
    try:
        return STEP_CODES[step(_measurer(arguments), _question(arguments), arguments.scenario)]
    except PoolgateError as error:
        print(f"poolgate: {error}", file=sys.stderr)
        return STEP_TROUBLE.get(error.exit_code, STEP_BROKEN)
    except KeyboardInterrupt:
        return STEP_TROUBLE[Exit.INTERRUPTED]

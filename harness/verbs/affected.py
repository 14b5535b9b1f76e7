"""`poolgate affected`: what the verdicts that ship say about a target. Nothing is run, no network is asked."""

from __future__ import annotations

import argparse
import re

from packaging.version import InvalidVersion, Version

from ..affected import AffectedAnswer, answer_of
from ..catalogue import load
from ..errors import Exit, UsageError
from ..formats.affected import render
from ..formats.interface import Format
from ..ledger import SHIPPED, Ledger
from ..nearest import Subject
from ..relevant import CLIENTS
from ..specs import LOCK, pins_in
from ..targets import Target, parse


def main(arguments: argparse.Namespace) -> Exit:
    """Print what is known: exit 1 with findings, 3 where nothing is known."""
    answer = answer_of(subject_of(arguments.spec), Ledger(SHIPPED).stacks)
    print(render(answer, Format(arguments.format)))
    return exit_for(answer)


def exit_for(answer: AffectedAnswer) -> Exit:
    if answer.findings:
        return Exit.WORSE
    return Exit.FINE if answer.judged else Exit.INCONCLUSIVE


def subject_of(spec: str | None) -> Subject:
    """What a SPEC is about; without one, the environment in use. Raises UsageError."""
    if spec is None or spec.startswith("python:"):
        return _environment(spec)
    target = _target(spec)
    named = target.spec.startswith(LOCK) or "@" in target.spec
    release = target.release
    return Subject(target.spec, dict(target.pins), release, target.pythons[0] if named and target.pythons else "")


def _environment(spec: str | None) -> Subject:
    """What an environment has; without a spec, the one in use."""
    # Imported late: releases and locks are answered without a look at what is installed.
    from ..installed import current, installed

    target = parse(spec or f"python:{current()}")
    assert target.interpreter is not None
    packages, python = installed(target.interpreter)
    if not set(packages) & set(CLIENTS):
        raise UsageError(f"{target.spec} has none of {', '.join(CLIENTS)}; name a target, such as httpx==0.28.1")
    return Subject(spec=target.spec, packages=packages, python=python)


def _target(spec: str) -> Target:
    """A SPEC as a target; a release that is newer than the catalogue is one too, nothing has to be known of it."""
    try:
        return parse(spec)
    except UsageError:
        pins = pins_in(re.split("[@?]", spec)[0])
        if not any(_is_newer(name, version) for name, version in pins):
            raise
        return Target(spec=spec, pins=tuple(pins))


def _is_newer(name: str, version: str) -> bool:
    known = load().packages.get(name, ())
    try:
        return bool(known) and Version(version) > known[-1].parsed
    except InvalidVersion:
        return False

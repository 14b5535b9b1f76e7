"""Command lines of poolgate as text, quoted for a shell: what an answer prints to measure or show something again."""

from __future__ import annotations

import shlex
from collections.abc import Iterable


def command(verb: str, *words: str) -> str:
    """Return `poolgate VERB WORD...`."""
    return shlex.join(["poolgate", verb, *words])


def replay(name: str, spec: str, seed: int = 0) -> str:
    """Return the command that measures a scenario variant on a target again."""
    return run_command([name], [spec], "--again", *(["--seed", str(seed)] if seed else []))


def run_command(names: Iterable[str], specs: Iterable[str], *options: str) -> str:
    """Return the command that measures scenario variants on targets."""
    return command("run", *names, "--target", *specs, *options)


def run_line_command(names: Iterable[str], line: str) -> str:
    """Return the command that measures scenario variants along `LINE[:FROM..TO]`."""
    return command("run", *names, "--line", line)


def flips_command(names: Iterable[str], line: str) -> str:
    """Return the command that lists the changes of behaviour along `LINE[:FROM..TO]`."""
    return command("flips", *names, "--line", line)


def repro_command(name: str, spec: str, *options: str) -> str:
    """Return the command that writes a script for a scenario variant on a target."""
    return command("repro", name, "--target", spec, *options)


def verify_command(file: str, *options: str) -> str:
    """Return the command that measures the claims of a file."""
    return command("verify", file, *options)


def workarounds_command(name: str, spec: str) -> str:
    """Return the command that tries the remedies for a scenario variant on a target."""
    return command("workarounds", name, "--target", spec)

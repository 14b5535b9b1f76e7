"""`poolgate verify`: measure what a changelog, an issue or a page claims."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import msgspec

from ..claim_verdicts import measured
from ..claims import Claim, find_claims, load_claim, write_claim
from ..errors import Exit, exit_of
from ..formats.interface import Format
from ..formats.verify import render
from ..verifying import ClaimAnswer, VerifyAnswer, answer_of, measure_claims, today


def main(arguments: argparse.Namespace) -> Exit:
    """Measure every claim, print what each comes to, and say by the exit code how it went."""
    files = list(dict.fromkeys(path for word in arguments.claim for path in find_claims(word)))
    claims = [load_claim(path) for path in files]
    cells = measure_claims(arguments, claims)
    answers = [answer_of(*told) for told in zip(files, claims, cells, strict=True)]
    if arguments.write:
        for path, claim, answer in zip(files, claims, answers, strict=True):
            _write(path, claim, answer)
    print(render(VerifyAnswer(claims=answers), Format(arguments.format)))
    return exit_for(answers)


def exit_for(answers: list[ClaimAnswer]) -> Exit:
    """1 for a refuted claim, 3 where a cell could not be judged."""
    codes = {Exit.WORSE for answer in answers if answer.verdict == "refuted"}
    codes |= {Exit.INCONCLUSIVE for answer in answers if answer.inconclusive}
    return exit_of(codes)


def _write(path: Path, claim: Claim, answer: ClaimAnswer) -> None:
    """Keep what was measured beside the claim; what this machine could not judge is not kept."""
    if answer.inconclusive:
        print(f"{path}: not written, a cell of it could not be judged", file=sys.stderr)
        return
    found = measured(claim, answer.cells, today(claim.targets))
    write_claim(path, msgspec.structs.replace(claim, measured=found))

"""The spans of a line show every change of behaviour, and name the releases that were not measured."""

from __future__ import annotations

from itertools import pairwise

import msgspec
from ledger.test_ledger import ENTRY, PACKAGES

from poolgate.answers.release_line.spans import Span, StoredSpan, measured, spans
from poolgate.catalogue.packages import LINES
from poolgate.catalogue.releases import load
from poolgate.ledger.instruments import SHIPPED
from poolgate.ledger.stack import Stack
from poolgate.ledger.store import Ledger
from poolgate.verdict.words import Status

FAIL = msgspec.structs.replace(ENTRY, status=Status.FAIL, key="completes/leaks")


def stack(release: str, *entries: object) -> Stack:
    return msgspec.convert(
        {"python": "3.11", "packages": PACKAGES, "releases": [release], "cells": msgspec.to_builtins(entries)}, Stack
    )


def test_neighbours_with_the_same_behaviour_are_one_span() -> None:
    stacks = [
        stack("httpx==0.27.0", FAIL),
        stack("httpx==0.27.1", FAIL),
        stack("httpx==0.27.2", ENTRY),
        stack("httpx==0.28.1", ENTRY),
    ]
    found = spans(load(), stacks, "httpx", "gather-over-limit", {})
    assert found[0] == StoredSpan("0.6.7", "0.26.0", None, None)
    assert [str(span) for span in found[1:]] == [
        "0.27.0 to 0.27.1 **fail** loses slots",
        "0.27.2 pass",
        "0.28.0 not measured",
        "0.28.1 pass",
    ]


def test_variants_have_spans_of_their_own() -> None:
    close = msgspec.structs.replace(FAIL, variant={"ending": "close"})
    stacks = [stack("httpx==0.28.1", ENTRY, close)]
    assert measured(stacks) == [("gather-over-limit", {}), ("gather-over-limit", {"ending": "close"})]
    assert spans(load(), stacks, "httpx", "gather-over-limit", {"ending": "close"})[-1].status is Status.FAIL


def test_neighbouring_spans_of_the_shipped_verdicts_read_differently() -> None:
    """The words distinguish what separates the spans."""
    stacks = Ledger(SHIPPED).stacks
    for line in LINES:
        for scenario, variant in measured(stacks):
            words = [
                str(span).removeprefix(Span.__str__(span)) for span in spans(load(), stacks, line, scenario, variant)
            ]
            assert not [both for both in pairwise(words) if both[0] == both[1]], (line, scenario, variant)

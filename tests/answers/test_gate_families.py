"""Which client is compared with which: a family that stays, appears, replaces another, or vanishes."""

from __future__ import annotations

import pytest

from poolgate.answers.gate.families import Relation, matches, narrowed
from poolgate.catalogue.packages import clients_of, pool_of

HTTPX = {"httpx": "0.28.1", "httpcore": "1.0.9"}
OLDER = {"httpx": "0.27.2", "httpcore": "1.0.9"}
HTTPX2 = {"httpx2": "2.4.0", "httpcore2": "2.4.0"}
XYZ = {"httpxyz": "0.42.1", "httpcorexyz": "1.2.1"}
EARLY = {"httpxyz": "0.28.2"}
BARE = {"httpcore": "1.0.9"}
H11 = {"h11": "0.16.0"}

CASES = [
    (HTTPX, HTTPX, [("httpx", Relation.UNCHANGED, "httpx", "httpx")]),
    (OLDER, HTTPX, [("httpx", Relation.CHANGED, "httpx", "httpx")]),
    (HTTPX, HTTPX | H11, [("httpx", Relation.CHANGED, "httpx", "httpx")]),
    (
        HTTPX,
        HTTPX | HTTPX2,
        [("httpx", Relation.UNCHANGED, "httpx", "httpx"), ("httpx2", Relation.APPEARS, "httpx", "httpx2")],
    ),
    (HTTPX, HTTPX2, [("httpx2", Relation.REPLACES, "httpx", "httpx2")]),
    (
        HTTPX | HTTPX2,
        HTTPX,
        [("httpx", Relation.UNCHANGED, "httpx", "httpx"), ("httpx2", Relation.VANISHES, "httpx2", "httpx")],
    ),
    (
        HTTPX | XYZ,
        HTTPX2,
        [("httpx2", Relation.REPLACES, "httpx", "httpx2"), ("httpxyz", Relation.VANISHES, "httpxyz", "httpx2")],
    ),
    (
        HTTPX2,
        HTTPX2 | XYZ | HTTPX,
        [
            ("httpx", Relation.APPEARS, "httpx2", "httpx"),
            ("httpx2", Relation.UNCHANGED, "httpx2", "httpx2"),
            ("httpxyz", Relation.APPEARS, "httpx2", "httpxyz"),
        ],
    ),
    (BARE, BARE, [("httpcore", Relation.UNCHANGED, "httpcore", "httpcore")]),
    (BARE, HTTPX, [("httpx", Relation.REPLACES, "httpcore", "httpx")]),
]


@pytest.mark.parametrize(("base", "head", "expected"), CASES)
def test_each_client_has_something_to_be_compared_with(
    base: dict[str, str], head: dict[str, str], expected: list[tuple[str, Relation, str, str]]
) -> None:
    found = matches(base, head)
    assert [(match.client, match.relation, match.base, match.head) for match in found] == expected
    assert {match.client for match in found} == {*clients_of(base), *clients_of(head)} - {
        match.base for match in found if match.relation is Relation.REPLACES
    }


def test_a_family_has_its_own_pool_and_all_companions() -> None:
    whole = HTTPX | HTTPX2 | H11
    assert narrowed(whole, "httpx2") == HTTPX2 | H11
    assert narrowed(whole, "httpx") == HTTPX | H11
    assert pool_of(HTTPX | EARLY, "httpxyz") == EARLY | BARE
    assert pool_of({"httpx": "0.9.4"} | HTTPX2, "httpx") == {"httpx": "0.9.4"}

"""The best release today: the newest of a client on which most of what a thread describes is gone."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec

from ...catalogue.packages import CLIENT_OF, CLIENTS
from ...catalogue.releases import load
from ...verdict.compare import FAILING
from ...verdict.words import Status
from ..claims.judge import on_axis
from ..claims.threads import Subject
from ..release_line.stored import Releases


class Best(msgspec.Struct, frozen=True, kw_only=True):
    """A target, with the scenario variants that pass, that fail, and that are not judged there.

    `newest` is False where no newest release of a client is judged, and an older one stands in for it.
    """

    target: str
    newest: bool
    passes: list[str]
    fails: list[str]
    not_judged: list[str]


def best_today(package: str, subjects: Sequence[Subject], known: Releases) -> tuple[Best | None, Best | None]:
    """Return the best of the newest releases of all clients, and the newest of the client of `package`.

    Fewest failures decide, then most passes, then the client of `package`. Each is None where nothing is judged.
    """
    own = CLIENT_OF.get(package, package)
    clients = sorted(CLIENTS, key=lambda client: client != own)
    judged = [best for client in clients if (best := _judged(client, subjects, known)) is not None]
    ranked = sorted(judged, key=lambda best: (not best.newest, len(best.fails), -len(best.passes)))
    same = (best for best in judged if best.target.partition("==")[0] == own)
    return next(iter(ranked), None), next(same, None)


def _judged(client: str, subjects: Sequence[Subject], known: Releases) -> Best | None:
    """Return the newest release of a client on which a verdict is stored."""
    found = _newest_first(client, subjects, known)
    return next((best for best in found if best.passes or best.fails), None)


def _newest_first(client: str, subjects: Sequence[Subject], known: Releases) -> Iterable[Best]:
    releases = load().releases(client)
    for release in reversed(releases):
        target = f"{client}=={release.version}"
        if target in known:
            yield _at(target, subjects, known, newest=release is releases[-1])


def _at(target: str, subjects: Sequence[Subject], known: Releases, *, newest: bool) -> Best:
    cells = ((each, known[target].get(each.name)) for each in subjects)
    status = {each.name: on_axis(cell, each.axis).status if cell else None for each, cell in cells}
    return Best(
        target=target,
        newest=newest,
        passes=[name for name, found in status.items() if found is Status.PASS],
        fails=[name for name, found in status.items() if found in FAILING],
        not_judged=[name for name, found in status.items() if found is not Status.PASS and found not in FAILING],
    )

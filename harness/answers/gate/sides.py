"""Both sides of a gate: their packages, known without an environment where a lock or the ledger has them."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ...catalogue.packages import (
    CLIENTS,
    COMPANIONS,
    PACKAGES,
    POOLS,
    RELEVANT,
    clients_of,
    differing,
    mattering,
    pool_of,
)
from ...errors import PoolgateError, UsageError
from ...targets.spec import LOCK
from ...targets.target import Target, minor
from .answer import Side
from .evidence import Evidence, Subject
from .families import narrowed
from .fresh import Fresh

if TYPE_CHECKING:
    from ...environments.public_api import SurfaceChange
    from ...measurement.own_client import Made

NO_SURFACE = "public APIs not compared, because nothing was installed; --surface installs both sides"


@dataclass(frozen=True, slots=True)
class Known:
    """A side with its target; `complete` means that the packages are all that matter, and not the pins of a release.

    `made` is what the factory of a user's own client makes there: of the clients only that one counts.
    """

    side: Side
    target: Target
    complete: bool
    made: Made | None = None

    @property
    def packages(self) -> dict[str, str]:
        """Return the relevant packages."""
        return self.side.packages

    @property
    def clients(self) -> list[str]:
        """Return the clients of this side."""
        return clients_of(self.packages)

    def family(self, client: str) -> dict[str, str]:
        """Return a client and the package that has its pool, with their versions."""
        if self.made is not None and self.made.over is not None:
            return {name: self.packages[name] for name in (client, self.made.over) if name in self.packages}
        return pool_of(self.packages, client)

    @property
    def resolved(self) -> bool:
        """Return whether the companions are known, and not the client and the pool alone."""
        return self.complete or any(name in self.packages for name in COMPANIONS)

    def of(self, client: str) -> Subject:
        """Return one client of this side with its target."""
        packages = narrowed(self.packages, client)
        return Subject(self._target_of(client), packages, self.complete, self.side.python)

    def _target_of(self, client: str) -> Target:
        if len(self.clients) < 2 or not self.target.spec.startswith(LOCK):
            return self.target
        # Imported late: answers about releases read no lock.
        from ...targets.lockfiles.lock_spec import lock_spec_of

        pins = narrowed(dict(self.target.pins), client)
        spec = lock_spec_of(self.target.spec).text(client=client)
        return dataclasses.replace(self.target, spec=spec, pins=tuple(sorted(pins.items())))

    def unmeasurable(self, client: str) -> str | None:
        """Return why a client of this side can't be measured; None where it can."""
        if self.target.interpreter is None or client == self.clients[0]:
            return None
        return f"a run in {self.target.spec} uses {self.clients[0]}; name {client} in a lock or as a release"


def known_side(target: Target, evidence: Evidence, fresh: Fresh, *, own: bool = False) -> Known:
    """Return a side; an environment is built only for a release that no ledger has, within the budget.

    It is built for a user's `own` client too, whose pool may be that of any package.
    """
    if own and (known := _of_own(target, fresh)) is not None:
        return known
    if target.spec.startswith(LOCK):
        return Known(
            Side(spec=target.spec, python=target.pythons[0], packages=dict(target.pins)), target, complete=True
        )
    if target.interpreter is not None:
        return Known(_installed(target), target, complete=True)
    if stored := evidence.packages_of(target):
        packages, python = stored
        return Known(Side(spec=target.spec, python=python, packages=packages), target, complete=False)
    if fresh.budget.over:
        python = next(iter(target.pythons), "")
        side = Side(spec=target.spec, python=python or None, packages=_named(target), reason=target.impossible)
        return Known(side, target, complete=False)
    return Known(_built(target, fresh), target, complete=False)


def _named(target: Target) -> dict[str, str]:
    # Imported late: answers about releases that the ledger has resolve no pool.
    from ...targets.resolved import packages_of

    return packages_of(target)[0]


def _installed(target: Target) -> Side:
    from ...environments.installed import Installed

    assert target.interpreter is not None
    packages, python = Installed(target.interpreter).packages()
    if not clients_of(packages):
        raise UsageError(f"{target.spec} has none of {', '.join(CLIENTS)}; name an environment that has one")
    return Side(spec=target.spec, python=python, packages=packages)


def _of_own(target: Target, fresh: Fresh) -> Known | None:
    """Return a side with what matters to the client that a user's factory makes there; None where it makes none."""
    made = fresh.made(target)
    if made is None:
        return None
    environment = fresh.environment(target)
    assert not isinstance(environment, str)
    packages = narrowed(mattering(environment.packages), made.client)
    if made.over is not None:
        packages = {name: version for name, version in packages.items() if name not in POOLS}
    return Known(Side(spec=target.spec, python=environment.python, packages=packages), target, complete=True, made=made)


def _built(target: Target, fresh: Fresh) -> Side:
    environment = fresh.environment(target)
    if isinstance(environment, str):
        return Side(spec=target.spec, python=None, packages=_named(target), reason=environment)
    kept = {name: version for name, version in environment.packages.items() if name in RELEVANT}
    return Side(spec=target.spec, python=environment.python, packages=kept)


def changed_between(base: Known, head: Known) -> dict[str, list[str | None]]:
    """Return the relevant packages and the Python that differ, each with both versions."""
    changed = differing(base.packages, head.packages, sorted({*base.packages, *head.packages}))
    if not (base.resolved and head.resolved):
        changed = {name: versions for name, versions in changed.items() if name in PACKAGES}
    pythons = [known.side.python and minor(known.side.python) for known in (base, head)]
    return {**changed, "Python": pythons} if all(pythons) and pythons[0] != pythons[1] else changed


def surface_between(base: Known, head: Known, fresh: Fresh, *, asked: bool) -> tuple[list[SurfaceChange], list[str]]:
    """Return the changes of the public API, and a remark where it is not compared.

    It is compared if cells were measured anyway, or where it is `asked`: it needs both environments.
    """
    if base.packages == head.packages:
        return [], []
    if not (asked or fresh.used):
        return [], [NO_SURFACE]
    from ...environments.build import Environment
    from ...environments.public_api import changes, surface_of

    built = [fresh.environment(known.of(known.clients[0]).target) for known in (base, head)]
    found = [environment for environment in built if isinstance(environment, Environment)]
    if len(found) != len(built):
        return [], ["public APIs not compared: one side can't be installed"]
    try:
        return changes(surface_of(found[0]), surface_of(found[1])), []
    except PoolgateError as error:
        return [], [str(error)]

"""A generated program of many files, in the shapes of a service: models, services with a client, handlers, jobs."""

from __future__ import annotations

from pathlib import Path

_MODEL = """\
from __future__ import annotations

from dataclasses import dataclass, field


@dataclass
class Model{n}:
    name: str
    parts: list[str] = field(default_factory=list)
    settings: dict[str, str] = field(default_factory=dict)

    def copy(self) -> "Model{n}":
        return Model{n}(self.name, list(self.parts), dict(self.settings))

    def get(self, key: str, default: str = "") -> str:
        return self.settings.get(key, default)
"""
_SERVICE = """\
from __future__ import annotations

import asyncio

import httpx

from ..models.model{n} import Model{n}
from ..core import shared


class Service{n}:
    def __init__(self, client: httpx.AsyncClient | None = None) -> None:
        self.client = client or shared()
        self.seen: dict[str, Model{n}] = {{}}

    async def load(self, name: str) -> Model{n}:
        known = self.seen.get(name)
        if known is not None:
            return known.copy()
        answer = await self.client.get(f"https://example.org/{n}/{{name}}")
        self.seen[name] = Model{n}(name, answer.json()["parts"])
        return self.seen[name]

    async def load_all(self, names: list[str]) -> list[Model{n}]:
        return await asyncio.gather(*(self.load(name) for name in names))

    async def in_time(self, name: str) -> Model{n}:
        return await asyncio.wait_for(self.load(name), 5)
"""
_HANDLER = """\
from fastapi import APIRouter, Depends

from ..models.model{n} import Model{n}
from ..services.service{n} import Service{n}

router = APIRouter(prefix="/{n}")


def service() -> Service{n}:
    return Service{n}()


@router.get("/{{name}}")
async def read(name: str, found: Service{n} = Depends(service)) -> dict[str, str]:
    model = await found.in_time(name)
    return {{"name": model.get("name", name)}}
"""
_JOB = """\
import logging

from ..models.model{n} import Model{n}
from ..services.service{n} import Service{n}

log = logging.getLogger(__name__)


async def run(names: list[str]) -> list[Model{n}]:
    service = Service{n}()
    found = await service.load_all(names)
    for each in found:
        log.info("loaded %s", each.get("name"))
    return sorted(found, key=lambda model: model.name)
"""
_CORE = """\
import functools

import httpx


@functools.cache
def shared() -> httpx.AsyncClient:
    return httpx.AsyncClient(limits=httpx.Limits(max_connections=50), trust_env=False)
"""
_KINDS = {"models/model": _MODEL, "services/service": _SERVICE, "handlers/handler": _HANDLER, "jobs/job": _JOB}


def write_tree(folder: Path, files: int) -> int:
    """Write a program of about so many Python files, four for each part of it; return their number."""
    (folder / "app").mkdir(parents=True)
    (folder / "app" / "core.py").write_text(_CORE)
    for kind in _KINDS:
        (folder / "app" / kind.partition("/")[0]).mkdir()
    for number in range(files // len(_KINDS)):
        for kind, text in _KINDS.items():
            (folder / "app" / f"{kind}{number}.py").write_text(text.format(n=number))
    return 1 + files // len(_KINDS) * len(_KINDS)

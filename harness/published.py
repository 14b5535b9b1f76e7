"""The JSON Schemas of all answers, which others hold on to; `python -m poolgate.published` writes `schemas/`.

Each answer names its schema: `poolgate/flips` is `schemas/flips.schema.json`.
"""

from __future__ import annotations

from pathlib import Path

import msgspec

from .affected import AffectedAnswer
from .answers import RunAnswer
from .flips import FlipsAnswer
from .gating import GateAnswer
from .verbs.bisect import BisectAnswer
from .verbs.diagnose import DiagnoseAnswer
from .verbs.doctor import DoctorAnswer
from .verbs.explain import ExplainAnswer
from .verbs.list import ListAnswer
from .verbs.repro import ReproAnswer
from .verifying import VerifyAnswer
from .workarounds import WorkaroundsAnswer

SCHEMAS = Path(__file__).resolve().parent / "schemas"

_ANSWERS: tuple[type[msgspec.Struct], ...] = (
    RunAnswer,
    FlipsAnswer,
    GateAnswer,
    AffectedAnswer,
    VerifyAnswer,
    WorkaroundsAnswer,
    BisectAnswer,
    DiagnoseAnswer,
    ListAnswer,
    DoctorAnswer,
    ExplainAnswer,
    ReproAnswer,
)


def schemas() -> dict[str, bytes]:
    """Every schema by the name of its answer, as it is published."""
    return {_name(answer): _schema(answer) for answer in _ANSWERS}


def path_of(name: str) -> Path:
    """Where the schema of an answer is published."""
    return SCHEMAS / f"{name}.schema.json"


def _name(answer: type[msgspec.Struct]) -> str:
    (told,) = [field.default for field in msgspec.structs.fields(answer) if field.name == "schema"]
    return str(told).removeprefix("poolgate/")


def _schema(answer: type[msgspec.Struct]) -> bytes:
    schema = {"$schema": "https://json-schema.org/draft/2020-12/schema", **msgspec.json.schema(answer)}
    return msgspec.json.format(msgspec.json.encode(schema, order="deterministic"), indent=2) + b"\n"


if __name__ == "__main__":
    for name, schema in schemas().items():
        path_of(name).write_bytes(schema)

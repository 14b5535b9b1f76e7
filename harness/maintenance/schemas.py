"""The JSON Schemas of all answers; `python -m poolgate.maintenance.schemas` writes them.

Each answer names its schema: `poolgate/flips` is `formats/schemas/flips.schema.json`.
"""

from __future__ import annotations

from pathlib import Path

import msgspec

from ..answers.affected.answer import AffectedAnswer
from ..answers.bisect.answer import BisectAnswer
from ..answers.diagnose.answer import DiagnoseAnswer
from ..answers.doctor import DoctorAnswer
from ..answers.explain import ExplainAnswer
from ..answers.fixed.answer import FixedAnswer
from ..answers.floor.answer import FloorAnswer
from ..answers.gate.answer import GateAnswer
from ..answers.list import ListAnswer
from ..answers.merge import MergeAnswer
from ..answers.new import NewAnswer
from ..answers.plan import PlanAnswer
from ..answers.release_line.flips import FlipsAnswer
from ..answers.repro.answer import ReproAnswer
from ..answers.run import RunAnswer
from ..answers.verify import VerifyAnswer
from ..answers.watch.answer import WatchAnswer
from ..answers.workarounds.answer import WorkaroundsAnswer

SCHEMAS = Path(__file__).resolve().parent.parent / "formats" / "schemas"

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
    FixedAnswer,
    FloorAnswer,
    MergeAnswer,
    NewAnswer,
    PlanAnswer,
    WatchAnswer,
)


def schemas() -> dict[str, bytes]:
    """Return the bytes of every schema by the name of its answer."""
    return {_name(answer): _schema(answer) for answer in _ANSWERS}


def path_of(name: str) -> Path:
    """Return the path of an answer's schema."""
    return SCHEMAS / f"{name}.schema.json"


def _name(answer: type[msgspec.Struct]) -> str:
    (schema,) = [field.default for field in msgspec.structs.fields(answer) if field.name == "schema"]
    return str(schema).removeprefix("poolgate/")


def _schema(answer: type[msgspec.Struct]) -> bytes:
    schema = {"$schema": "https://json-schema.org/draft/2020-12/schema", **msgspec.json.schema(answer)}
    return msgspec.json.format(msgspec.json.encode(schema, order="deterministic"), indent=2) + b"\n"


if __name__ == "__main__":
    for name, schema in schemas().items():
        path_of(name).write_bytes(schema)

"""What the threads of a run decode is known to msgspec before they start: two first uses at once crash it."""

from __future__ import annotations

import subprocess
import sys

_PROGRAM = """
import msgspec
from msgspec import _utils
from poolgate.environments.build import Environment
from poolgate.ledger.stack import Stack
from poolgate.measurement import batch, server_pool
from poolgate.protocol import history

def refuse(type):
    raise SystemExit(f"{type} was not known")

_utils._get_class_mro_and_typevar_mappings = refuse
for type in (Stack, Environment, server_pool.Door, server_pool._Account, *history._KINDS.values()):
    msgspec.json.Decoder(type)

class Unknown(msgspec.Struct):
    name: str

msgspec.json.Decoder(Unknown)
"""


def test_the_types_that_the_threads_of_a_run_decode_are_known_when_they_start() -> None:
    ran = subprocess.run([sys.executable, "-c", _PROGRAM], capture_output=True, text=True, timeout=60, check=False)
    assert ran.stderr == "<class '__main__.Unknown'> was not known\n"

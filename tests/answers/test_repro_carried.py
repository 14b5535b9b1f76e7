"""A script that carries a scenario's own code, or its sweep, shows what `poolgate run` shows."""

from __future__ import annotations

import ast
import contextlib
import itertools
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import msgspec
import pytest
from conftest import DATA

from answers.test_repro import NAMES, STACK, verdict_of
from poolgate import scenarios
from poolgate.answers.repro.bundle import bundle
from poolgate.answers.repro.load_script import own_source
from poolgate.answers.repro.parts import bursts, scatter, sweep
from poolgate.answers.repro.parts.driver import Driver
from poolgate.answers.repro.script import script
from poolgate.answers.repro.sweep_script import AGAIN, CORE, ON_TRIO, TWICE
from poolgate.cells.cell import variant_name
from poolgate.cells.select import select
from poolgate.environments.build import environment_for
from poolgate.errors import UsageError
from poolgate.processes import Processes
from poolgate.scenarios.declaration.scenario import Scenario, Variant, needs
from poolgate.scenarios.sweep import entry as running
from poolgate.scenarios.sweep.backends.on_trio import OnTrio
from poolgate.scenarios.sweep.group import SECONDS, STYLES
from poolgate.scenarios.sweep.random_deadlines import ENOUGH, KINDS, LATEST
from poolgate.scenarios.sweep.situations import SITUATIONS
from poolgate.targets.parse import parse

Poolgate = Callable[..., tuple[int, str, str]]
GOLDEN = DATA / "golden" / "repro_carried.py.txt"
LINES, WIDTH = 474, 120
"""What can be pasted into an issue: with HTTP/2 or TLS there is a server to be written for it."""

CASES = [
    ("cancel-sweep[situation=warm,style=native]", "httpx==0.28.1", "httpx2==2.16.2"),
    ("cancel-sweep[situation=cold,style=timeout]", "httpx==0.28.1", "httpx2==2.16.2"),
    ("burst-sweep[style=native]", "httpx==0.28.1", "httpx2==2.16.2"),
    ("finaliser-deadlock", "httpx==0.28.1", "httpcore==1.0.2"),
    ("tunnel-fault", "httpx==0.28.1", "httpxyz==0.42.1"),
    ("socks-fault", "httpx==0.28.1", "httpx2==2.16.2"),
    ("h2-lower-limit", "httpx==0.28.1", "httpx2==2.16.2"),
    ("h2-reset", "httpx2==2.16.2", "httpx2==2.2.0"),
    ("h2-last-stream", "httpx2==2.2.0", "httpx2==2.16.2"),
    ("cancel-sweep[backend=trio,situation=contended]", "httpx==0.28.1", "httpx2==2.16.2"),
    ("h2-cancel[backend=trio]", "httpx2==2.16.2", "httpx==0.28.1"),
    ("close-pools", "httpx==0.28.1", "httpxyz==0.42.1"),
]
"""One of each kind: where it fails, and where it passes."""


def variants() -> list[tuple[Scenario, Variant]]:
    """Every variant of every scenario."""
    return [
        (scenario, dict(zip(scenario.variants, values, strict=True)))
        for scenario in scenarios.declared().values()
        for values in itertools.product(*scenario.variants.values())
    ]


def run(interpreter: str, place: Path, *unit: str) -> subprocess.CompletedProcess[str]:
    command = [interpreter, str(place), *unit]
    return subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)


def interpreter_of(asked: str, spec: str) -> str:
    ((scenario, variant),) = select([asked])
    return environment_for(Processes(), parse(spec), needs(scenario, variant)).interpreter


@pytest.mark.parametrize(("asked", "failing", "passing"), CASES)
def test_it_fails_where_the_release_does(
    asked: str, failing: str, passing: str, tmp_path: Path, poolgate: Poolgate
) -> None:
    place = tmp_path / "repro.py"
    assert poolgate("repro", asked, "--target", failing, "-o", str(place))[:2] == (0, "")
    ran = verdict_of(interpreter_of(asked, failing), place)
    assert (ran.returncode, ran.stdout.splitlines()[-1]) == (1, "it shows the defect"), ran
    assert "a correct pool: " in ran.stdout

    assert poolgate("repro", asked, "--target", passing, "-o", str(place))[:2] == (0, "")
    ran = verdict_of(interpreter_of(asked, passing), place)
    assert (ran.returncode, ran.stdout.splitlines()[-1]) == (0, "it does not show the defect"), ran
    assert "Traceback" not in ran.stderr


def test_a_sweep_names_the_places_that_the_scenario_names(tmp_path: Path, poolgate: Poolgate) -> None:
    asked, spec = "cancel-sweep[situation=closing,style=native]", "httpx==0.28.1"
    place = tmp_path / "repro.py"
    poolgate("repro", asked, "--target", spec, "-o", str(place))
    ran = verdict_of(interpreter_of(asked, spec), place)
    assert "  native, closing: cancelled in httpcore._async.http11:_response_closed, step 1\n" in ran.stdout


def test_a_group_that_hangs_without_a_cancellation_is_reported(tmp_path: Path, poolgate: Poolgate) -> None:
    asked, spec = "burst-sweep[style=native]", "httpx==0.20.0"
    place = tmp_path / "repro.py"
    poolgate("repro", asked, "--target", spec, "-o", str(place))
    ran = verdict_of(interpreter_of(asked, spec), place, "0.1", "2.0")
    assert ran.returncode == 1, ran
    assert "httpx 0.20.0, httpcore 0.13.7: they hang, though none is cancelled\n" in ran.stdout


def bound_twice(text: str) -> set[str]:
    """Return the names that a script binds twice: a scenario's own constant, and one of the parts."""
    outer = [inner for node in ast.parse(text).body if isinstance(node, ast.Assign) for inner in ast.walk(node)]
    stored = [node.id for node in outer if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)]
    return {name for name, times in Counter(stored).items() if times > 1}


def test_every_variant_has_a_script_or_says_why_not(tmp_path: Path) -> None:
    refused = {}
    for scenario, variant in variants():
        try:
            text = script(scenario, variant, STACK, NAMES, "poolgate repro")
        except UsageError as error:
            refused[variant_name(scenario.id, variant)] = str(error)
            continue
        lines = text.splitlines()
        assert len(lines) <= LINES, scenario.id
        assert max(map(len, lines)) <= WIDTH, (scenario.id, max(lines, key=len))
        (tmp_path / f"{scenario.id}-{'-'.join(variant.values())}.py").write_text(text)
        assert bound_twice(text) == set(), scenario.id
    for name, why in refused.items():
        assert any(reason in why for reason in REASONS), (name, why)
    # Every name is there, and none is there twice.
    command = [sys.executable, "-m", "ruff", "check", "--isolated", "--select", "F821,F811,F401", str(tmp_path)]
    checked = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert checked.returncode == 0, checked.stdout


REASONS = (
    "a script has no server like 'refused'",
    "a script has no server like 'full'",
    "a script has no server like 'misnamed'",
    "a script has no server like 'answers'",
    "a script can't play its 'door'",
    "a script has no authentication of its own",
    "on trio, where every cancellation is that of a scope",
)
"""The reasons why there is no script."""


@pytest.mark.parametrize("asked", ["abandoned-stream", "cancel-sweep[situation=warm,style=native]", "wait-for-scatter"])
def test_a_release_that_cannot_make_a_request_is_reported(asked: str, tmp_path: Path, poolgate: Poolgate) -> None:
    """As in the environment of an older client, which knows no such limits."""
    place = tmp_path / "repro.py"
    poolgate("repro", asked, "--target", "httpx==0.28.1", "-o", str(place))
    ran = run(interpreter_of(asked, "httpx==0.12.1"), place)
    assert ran.returncode == 2
    assert "not even one request can be made so: AttributeError(" in ran.stdout
    assert "Traceback" not in ran.stderr


def test_scattered_deadlines_meet_each_kind_of_caller(tmp_path: Path, poolgate: Poolgate) -> None:
    asked, spec = "wait-for-scatter", "httpcore==0.14.1"
    place = tmp_path / "repro.py"
    poolgate("repro", asked, "--target", spec, "-o", str(place))
    ran = verdict_of(interpreter_of(asked, spec), place, "0.1", "2.0")
    assert (ran.returncode, ran.stdout.splitlines()[-1]) == (1, "it shows the defect"), ran
    kinds = re.findall(r"  a request under wait_for, (\w+), round", ran.stdout)
    assert kinds == ["answer", "half", "late"], ran.stdout


def test_the_script_is_the_golden_one() -> None:
    ((scenario, variant),) = select(["hook-raises"])
    assert script(scenario, variant, STACK, NAMES, "poolgate repro hook-raises --target X") == GOLDEN.read_text()


def test_a_sweep_has_the_situations_and_styles_of_the_scenario() -> None:
    for situation in SITUATIONS:
        assert all(hasattr(sweep, name) for name in TWICE.get(situation, (situation,))), situation
    for style in set(scenarios.declared()["cancel-sweep"].variants["style"]) - {"all"}:
        assert hasattr(sweep, f"style_{style}"), style
    assert all(hasattr(bursts, f"group_{style}") for style in STYLES)
    styles_of: Any = OnTrio.styles  # Trio itself is only there with a client.
    assert tuple(styles_of(SimpleNamespace(_level=None))) == ON_TRIO
    assert (running.CORE, SECONDS["double"]) == (CORE, AGAIN)
    drawn = [(kind.rounds, kind.together, *kind.around) for kind in KINDS]
    assert dict(zip(("answer", "late", "half"), drawn, strict=True)) == scatter.KINDS
    assert (scatter.ENOUGH, scatter.LATEST) == (ENOUGH, LATEST)


def test_a_script_has_each_method_that_a_body_calls() -> None:
    for scenario in scenarios.declared().values():
        asked = set(re.findall(r"\bdriver\.(\w+)", own_source(scenario)))
        assert all(hasattr(Driver, name) for name in asked), scenario.id


def test_a_way_of_running_that_is_new_is_refused() -> None:
    ((scenario, variant),) = select(["wait-for-scatter"])
    with pytest.raises(UsageError, match="it has a way of running that scripts do not have"):
        script(scenario._replace(run=print), variant, STACK, NAMES, "")


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ("tunnel-fault[remedy=retry]", "a script shows the defect, without a remedy"),
        ("gather-over-limit[remedy=semaphore]", "a script can't play its 'remedy'"),
        ("server-fault[fault=full]", "a script has no server like 'full'"),
        ("hook-raises[by=auth]", "a script has no authentication of its own"),
    ],
)
def test_what_a_script_can_not_carry_is_refused(asked: str, expected: str) -> None:
    ((scenario, variant),) = select([asked])
    with pytest.raises(UsageError, match=r"has no script of one file: .*`poolgate run` measures it") as refused:
        script(scenario, variant, STACK, NAMES, "")
    assert expected in str(refused.value)


@pytest.mark.parametrize(
    ("asked", "changed", "expected"),
    [
        ("threads-idle", {"threads": None}, "this release has no synchronous client"),
        ("abandoned-stream", {"timeout_takes": ["timeout"]}, "bounds the wait for a slot by its limits"),
        ("abandoned-stream", {"streams": False}, "this release has no stream()"),
        ("h2-reset", {"client_takes": []}, "this release has no option for HTTP/2"),
        ("tunnel-fault", {"client_takes": []}, "this release takes no proxy"),
        ("hook-raises", {"client_takes": []}, "this release has no event hooks"),
    ],
)
def test_what_a_release_does_not_have_is_named(asked: str, changed: dict[str, object], expected: str) -> None:
    ((scenario, variant),) = select([asked])
    spelled = msgspec.structs.replace(NAMES, **changed)
    with pytest.raises(UsageError) as refused:
        script(scenario, variant, STACK, spelled, "")
    assert expected in str(refused.value)


def test_on_trio_the_client_does_not_use_asyncio() -> None:
    """The server does: it is on a loop of its own, in a thread."""
    for scenario, variant in variants():
        if variant.get("backend") != "trio":
            continue
        with contextlib.suppress(UsageError):
            text = script(scenario, variant, STACK, NAMES, "")
            mine = text.partition("\nclass Task:")[2]
            assert mine.endswith("trio.run(main)\n")
            assert re.findall(r"\b(?:asyncio|anyio)\b", mine) == [], scenario.id


@pytest.mark.parametrize("style", ["native", "double", "wait_for", "timeout"])
def test_trio_has_one_style(style: str) -> None:
    ((scenario, variant),) = select([f"cancel-sweep[backend=trio,style={style}]"])
    with pytest.raises(UsageError) as refused:
        script(scenario, variant, STACK, NAMES, "")
    expected = f"has no script: there is no style '{style}' on trio, where every cancellation is that of a scope"
    assert str(refused.value).endswith(expected)


def test_asyncio_timeout_needs_its_python() -> None:
    ((scenario, variant),) = select(["cancel-sweep[style=timeout]"])
    older = msgspec.structs.replace(STACK, python="3.8.18")
    with pytest.raises(UsageError, match=r"asyncio.timeout came with Python 3.11"):
        script(scenario, variant, older, NAMES, "")


def test_a_bundle_has_what_is_needed_and_nothing_else() -> None:
    source = """
# Kept with it.
def used(driver):
    driver.go()

def unused():
    pass

class Thing:
    size = LIMIT

    def go(self):
        self.on()

    def on(self):
        pass

    def off(self):
        pass

LIMIT = 3
OTHER = 4
"""
    assert (
        bundle([source], ["used(Thing)"])
        == """# Kept with it.
def used(driver):
    driver.go()

class Thing:
    size = LIMIT
    def go(self):
        self.on()

    def on(self):
        pass

LIMIT = 3
"""
    )

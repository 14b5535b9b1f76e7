"""Remedies: their effect on a load, whether they help by the cells, and both on real releases."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest
from support.histories import history_of, load_of, run

from answers.test_claim_verdicts import cell
from poolgate import scenarios
from poolgate.answers.gate.evidence import Evidence, Subject
from poolgate.answers.workarounds.answer import WorkaroundsAnswer, names_left_out, summaries
from poolgate.answers.workarounds.cautions import CAUTIONS, ComparedLoads
from poolgate.answers.workarounds.load_figures import LoadFigures, figures_of, ideal_figures
from poolgate.answers.workarounds.measure import chosen_for, compared_cells, python_of
from poolgate.answers.workarounds.remedies import (
    MOVES,
    TriedRemedy,
    moves,
    plain_load,
    remedy_cells,
    suited,
    tried_remedy,
)
from poolgate.answers.workarounds.symptom import SYMPTOMS, symptom_of
from poolgate.cells.cell import Cell
from poolgate.cells.select import select
from poolgate.environments.build import Environment
from poolgate.formats.format import Format
from poolgate.formats.workarounds import render
from poolgate.ledger.instruments import SHIPPED
from poolgate.ledger.store import Ledger
from poolgate.measurement.cached import Measurer
from poolgate.measurement.settings import Settings
from poolgate.scenarios.declaration.scenario import REMEDIES, REMEDY, Request, complete
from poolgate.scenarios.declaration.scenario import load_of as load_with
from poolgate.targets.parse import parse
from poolgate.targets.target import Target
from poolgate.verdict.ideal_pool import Outcome, ideal_pool
from poolgate.verdict.judgement import Slots
from poolgate.verdict.words import Status

pytestmark = pytest.mark.usefixtures("servers_shared")

Poolgate = Callable[..., tuple[int, str, str]]
OK = "completes/serves"
DEAD = "pool-timeout/dead/PoolTimeout"
GATHER = "gather-over-limit"
TARGET = parse("httpx==0.25.2,httpcore==1.0.2")


def test_every_scenario_takes_every_remedy_and_none_by_default() -> None:
    for scenario in scenarios.declared().values():
        assert REMEDY not in complete(scenario, {})
        for remedy in REMEDIES:
            variant = complete(scenario, {REMEDY: remedy})
            assert load_with(scenario, variant).remedy == remedy
    assert [variant for _, variant in select([f"{GATHER}[remedy=*]"])] == [{REMEDY: name} for name in REMEDIES]
    assert all(REMEDY not in variant for _, variant in select(["all[*]"]))
    assert CAUTIONS.keys() == REMEDIES.keys() | MOVES.keys()


@pytest.mark.parametrize(
    ("remedy", "served"),
    [
        ("semaphore", 12),
        ("wait-for-ever", 12),
        ("more-connections", 12),
        ("no-keepalive", 6),
        ("retry", 12),
        ("recreate", 12),
        ("client-per-task", 12),
        ("read", 6),
        ("close", 6),
    ],
)
def test_a_correct_pool_serves_what_a_remedy_should_serve(remedy: str, served: int) -> None:
    """The queue is longer than its timeout: outside the pool, or without one, all twelve are served."""
    scenario = scenarios.declared()["queue-timeout"]
    fates = ideal_pool(load_with(scenario, complete(scenario, {REMEDY: remedy})))
    assert sum(fate.outcome is Outcome.OK for fate in fates.values()) == served


def test_a_new_client_serves_the_requests_that_waited_for_the_old_one() -> None:
    """All waits end at 3 units; the first request then makes a new pool, which serves them in rounds of two units."""
    scenario = scenarios.declared()["queue-timeout"]
    fates = ideal_pool(load_with(scenario, complete(scenario, {REMEDY: "recreate"})))
    assert {fate.served for fate in fates.values()} == {0.0, 2.0, 3.0, 5.0}
    one = load_of(1, *(Request(f"r{n}", hold=9.0, pool_timeout=1.0) for n in range(4)), deadline=99.0)
    given_up = ideal_pool(one._replace(remedy="recreate"))
    assert [given_up[name].outcome for name in ("r0", "r1", "r2", "r3")] == [*[Outcome.OK] * 3, Outcome.POOL_TIMEOUT]
    assert given_up["r3"].ended == 3.0


def test_a_repeated_request_may_take_as_long() -> None:
    scenario = scenarios.declared()["queue-timeout"]
    plain, again = (load_with(scenario, complete(scenario, asked)) for asked in ({}, {REMEDY: "recreate"}))
    assert again.deadline == plain.deadline + 2 * 3.0


def test_what_the_code_of_the_caller_holds_is_neither_read_nor_closed() -> None:
    known = scenarios.declared()
    cells = remedy_cells(Cell(known["hook-raises"], {}, TARGET))
    load = load_with(known["hook-raises"], complete(known["hook-raises"], {REMEDY: "close"}))
    assert {request.ending for request in load.requests} == {"hook", "close"}
    assert "read" not in cells
    endless = remedy_cells(Cell(known["abandoned-stream"], {}, TARGET))
    assert ("close" in endless, "read" in endless) == (True, False)
    assert remedy_cells(Cell(known["cancel-sweep"], {}, TARGET)) == {}


def test_only_cancelled_requests_are_shielded_and_ladders_are_left_out() -> None:
    known = scenarios.declared()
    assert "shield" not in remedy_cells(Cell(known[GATHER], {}, TARGET))
    assert "shield" in remedy_cells(Cell(known["cancel-task-group"], {}, TARGET))
    assert [scenario.id for scenario in suited([known["contention-cost"], known[GATHER]])] == [GATHER]


def test_there_is_somewhere_to_move_to() -> None:
    found = {name: [target.spec for target in targets] for name, targets in moves(TARGET).items()}
    assert found["upgrade-pool"] == ["httpx==0.25.2,httpcore==1.0.9"]
    assert found["upgrade"] == ["httpx==0.28.1"]
    assert [spec.partition("==")[0] for spec in found["fork"]] == ["httpx2", "httpxyz"]
    older = moves(parse("httpx==0.24.1,httpcore==0.17.2"))
    assert [target.spec for target in older["upgrade-pool"]] == ["httpx==0.24.1,httpcore==0.17.3"]
    newest = moves(parse("httpx2==2.16.2"))
    assert (newest["upgrade"], newest["upgrade-pool"]) == ([], [])
    assert all(not target.spec.startswith("httpx==") for target in newest["fork"])


@pytest.mark.parametrize(
    ("after", "helps"),
    [
        (["completes/serves"], "helps"),
        (["hangs/leaks"] * 3, "helps in part"),
        (["hangs/dead"] * 3, "does not help"),
        ([], "not judged"),
    ],
)
def test_whether_a_remedy_helps_is_what_the_cells_say(after: list[str], helps: str) -> None:
    one = cell("httpx==0.27.0", *["hangs/dead"] * 3)
    status = None if after else Status.UNSUPPORTED
    assert tried_remedy("retry", one, cell("httpx==0.27.0", *after, status=status)).helps == helps


def test_a_rate_that_is_not_known_well_enough_is_not_judged() -> None:
    one, other = cell("httpx==0.27.0", *["hangs/dead"] * 3), cell("httpx==0.27.0", "hangs/dead", *[OK] * 2)
    tried = tried_remedy("retry", one, other)
    assert tried.helps == "not judged"
    assert "decided by chance, and a side has 0 of 8 blocks of runs" in tried.measured


def test_a_single_pass_with_a_remedy_is_repeated(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    known = [cell("httpx==0.27.0", *[OK] * 3), cell("httpx==0.27.0", "hangs/dead", *[OK] * 2)]
    asked: list[tuple[list[int], int | None, int]] = []

    def measured(places: list[int], ledger: object, settings: Settings, jobs: int) -> list[object]:
        asked.append((places, settings.repeats, settings.least))
        return [known[n] for n in places]

    monkeypatch.setattr("poolgate.measurement.cached.run_cells", measured)
    for repeats in (None, 2):
        Measurer(Settings(repeats=repeats), tmp_path, jobs=1).answers_confirmed([0, 1])  # type: ignore[list-item]
    assert asked == [([0, 1], None, 3), ([0, 1], 2, 3)]


def test_a_remedy_that_makes_it_worse_is_reported() -> None:
    one, other = cell("httpx==0.27.0", *["hangs/late"] * 3), cell("httpx==0.27.0", *["hangs/dead"] * 3)
    assert tried_remedy("retry", one, other).helps == "makes it worse"


def test_the_figures_of_a_load_are_read_from_its_history() -> None:
    """Two slots, four requests of a unit: the last is served after two units of 0.1 s."""
    load = load_of(2, *(Request(f"r{n}", hold=1.0, pool_timeout=9.0) for n in range(4)))
    figures = figures_of(history_of(run(load)))
    assert figures == LoadFigures(served=4, rate=20.0, latency=150.0, connections=figures.connections, unit=0.1)
    assert ideal_figures(load, 0.1) == LoadFigures(served=4, rate=20.0, latency=150.0, connections=2, unit=0.1)


def test_a_correct_pool_too_replaces_lost_connections() -> None:
    """Two requests in flight are cancelled: their connections are lost, and the two slots get new ones."""
    group = scenarios.declared()["cancel-task-group"]
    assert ideal_figures(plain_load(Cell(group, {REMEDY: "close"}, TARGET)), 0.1).connections == 4


def test_when_not_to_use_a_remedy_follows_from_what_was_measured() -> None:
    without = LoadFigures(served=3, rate=9.0, latency=90.0, connections=3, unit=0.1)
    due = LoadFigures(served=12, rate=30.0, latency=250.0, connections=3, unit=0.1)
    dear = LoadFigures(served=11, rate=20.0, latency=900.0, connections=12, unit=0.1)
    failing = cell("httpx==0.27.0", "pool-timeout/dead/PoolTimeout")
    slots = msgspec.structs.replace(cell("httpx==0.27.0", "hangs/leaks"), slots=Slots(3, 1, 1))
    expected = tried_remedy("retry", failing, slots, ComparedLoads(without, dear, due)).caution
    assert expected.split("; ") == [
        "where a caller waits for an answer: what ended in an error hangs",
        "in a process that goes on: 1 of 3 slots are left",
        "where all have to be served: 11 were, by a correct pool 12",
        "where connections are bounded or dear: 12 were opened, by a correct pool 3",
        "where latency counts: 900 ms each, with a correct pool 250",
        "where throughput counts: 20/s, with a correct pool 30",
        CAUTIONS["retry"],
    ]
    passing = cell("httpx==0.27.0", "completes/serves")
    assert tried_remedy("retry", failing, passing, ComparedLoads(without, due, due)).caution == CAUTIONS["retry"]


def test_what_was_tried_is_written() -> None:
    figures = LoadFigures(served=12, rate=30.0, latency=250.0, connections=3, unit=0.1)
    failing = cell("httpx==0.27.0", "pool-timeout/dead/PoolTimeout")
    tried = tried_remedy(
        "retry", failing, cell("httpx==0.27.0", "completes/serves"), ComparedLoads(None, figures, figures)
    )
    answer = WorkaroundsAnswer(
        target="httpx==0.27.0", python="3.11.7", cells=[failing], tried=[tried], remedies=summaries([tried])
    )
    head, remedy = render(answer, Format.TEXT).splitlines()
    assert head == "httpx==0.27.0 on Python 3.11.7: 1 scenario fails: gather-over-limit."
    assert remedy == f"  helps: retry (up to three tries, each after a PoolTimeout); not: {CAUTIONS['retry']}"
    assert render(answer, Format.TEXT, everything=True).splitlines()[2:] == [
        "",
        "gather-over-limit: retry (up to three tries, each after a PoolTimeout): HELPS",
        "  measured  fail: raises undue PoolTimeout and loses every slot, then pass",
        f"  load      without it not here; with it {figures}; a correct pool {figures}",
        f"  when not  {CAUTIONS['retry']}",
        f"  again     {tried.command}",
    ]
    assert "| gather-over-limit | retry (up to three tries, each after a PoolTimeout) |" in render(
        answer, Format.MARKDOWN
    )


def test_a_client_for_each_task_or_a_new_one_gets_around_a_pool_that_lost_its_slots(poolgate: Poolgate) -> None:
    """On a real release whose slots a cancelled group takes for good: neither uses that pool again."""
    asked = [f"cancel-task-group[remedy={remedy}]" for remedy in ("client-per-task", "recreate", "close")]
    code, out, err = poolgate("run", *asked, "--target", TARGET.spec, "--repeats", "1", "--format", "json")
    assert code == 0, err
    assert [found["status"] for found in json.loads(out)["cells"]] == ["pass", "pass", "fail"], err


def test_a_semaphore_helps_where_the_pool_forgets_to_wake_its_queue(poolgate: Poolgate) -> None:
    """On real releases, of the last one in which a plain gather hangs: inside the semaphore no request queues."""
    words = ("run", f"{GATHER}[remedy=semaphore]", GATHER, "--target", "httpcore==0.13.7", "--repeats", "1")
    code, out, err = poolgate(*words, "--format", "json")
    assert code == 0, err
    assert [found["status"] for found in json.loads(out)["cells"]] == ["pass", "fail"], err


def test_where_nothing_fails_there_is_nothing_to_work_around(poolgate: Poolgate) -> None:
    """From a stored verdict: nothing is measured."""
    code, out, err = poolgate("workarounds", GATHER, "--target", "httpx2==2.16.2", "--budget", "0")
    assert (code, err) == (0, "")
    assert out == "httpx2==2.16.2 on Python 3.11.7: nothing fails, so there is nothing to work around.\n"


def test_the_remedies_of_a_failing_target_are_tried(poolgate: Poolgate) -> None:
    words = ("sequential-reuse", "--target", "httpx==0.15.2", "--budget", "900", "--format", "json")
    code, out, err = poolgate("workarounds", *words)
    assert code == 0, err
    tried = {found["remedy"]: found["helps"] for found in json.loads(out)["tried"]}
    assert tried["upgrade: httpx==0.28.1"] == "helps", err
    assert tried["retry"] != "helps"
    assert all(found["command"].startswith("poolgate run ") for found in json.loads(out)["tried"])


def test_a_remedy_is_one_line_over_all_failures() -> None:
    """Those that help most are first; a remedy that helps against some names the others."""
    failing = [
        msgspec.structs.replace(cell("httpx==0.27.0", *["hangs/dead"] * 3), scenario=name)
        for name in (GATHER, "queue-timeout", "sequential-reuse")
    ]

    def tried(remedy: str, *keys: str) -> list[TriedRemedy]:
        return [
            tried_remedy(remedy, one, msgspec.structs.replace(cell(one.target, *[key] * 3), scenario=one.scenario))
            for one, key in zip(failing, keys, strict=False)
        ]

    found = [
        *tried("retry", "hangs/dead", "hangs/dead"),
        *tried("semaphore", OK, "hangs/leaks", "hangs/dead"),
        *tried("recreate", OK, OK, OK),
    ]
    answer = WorkaroundsAnswer(
        target="httpx==0.27.0",
        cells=failing,
        tried=found,
        symptom="hang",
        remedies=summaries(found),
        budget=30,
        left_out=[f"{GATHER}[remedy=shield]@httpx==0.27.0", "queue-timeout[remedy=shield]@httpx==0.27.0"],
    )
    head, *lines = render(answer, Format.TEXT).splitlines()
    assert head == "httpx==0.27.0: 3 scenarios fail with hang: gather-over-limit, queue-timeout,"
    assert [line.split(" (", 1)[0].strip() for line in lines[1:4]] == [
        "helps: recreate",
        "helps against 1 of 3",
        "does not help: retry",
    ]
    assert "helps against 1 of 3 (in part queue-timeout; not sequential-reuse): semaphore" in lines[2]
    expected = "Left out by the budget of 30 s: shield against gather-over-limit, queue-timeout."
    assert " ".join(" ".join(lines[4:]).split()) == expected


def test_what_the_budget_leaves_out_is_named() -> None:
    missing = msgspec.structs.replace(cell("httpx==0.27.0", status=Status.UNKNOWN), reason="left out: no time")
    assert names_left_out([missing, cell("httpx==0.27.0", OK), missing]) == ["gather-over-limit@httpx==0.27.0"]


def test_a_symptom_selects_what_can_end_in_it(poolgate: Poolgate) -> None:
    """Of the stored failures: none of the processor time, which no request fails with; a leak ends in a timeout."""
    code, out, err = poolgate(
        "workarounds", "--target", "httpx2==2.4.0", "--symptom", "pool-timeout", "--budget", "0", "--format", "json"
    )
    assert code == 0, err
    answer = json.loads(out)
    found = {known["scenario"] for known in answer["cells"]}
    assert "cancel-task-group" in found
    assert not {"contention-cost", "queue-timeout"} & found
    assert answer["symptom"] == "pool-timeout"
    assert {"upgrade: httpx2==2.16.2"} <= {each["remedy"] for each in answer["remedies"]}
    assert any("[remedy=retry]" in name for name in answer["left_out"])
    assert answer["stored"] > 0


def test_without_a_symptom_all_that_fails_on_the_target_is_begun_with() -> None:
    evidence = Evidence(shipped=Ledger(SHIPPED).stacks)
    target = parse("httpx2==2.4.0")
    stored = evidence.on(Subject(target, dict(target.pins), complete=False, python="3.11"))
    names = [scenario.id for scenario, _ in chosen_for(None, stored, None)]
    assert set(names[:2]) == {"queue-timeout", "cancel-task-group"}
    assert names.index("cancel-connecting") < names.index("cancel-sweep"), "a sweep, which no remedy can wrap, is last"
    nothing = evidence.on(Subject(target, {}, complete=True, python="3.6"))
    assert [scenario.core for scenario, _ in chosen_for(None, nothing, None)] == [True] * 6


@pytest.mark.parametrize(
    ("word", "code", "expected"),
    [
        ("blub", 2, "poolgate: 'blub' is not a symptom; there are pool-timeout, hang, missing-timeout, leak,"),
        (
            "connect-error",
            4,
            "poolgate: connect-error: not the pool's doing: the server was not reached; no",
        ),
        ("wrapped", 2, "poolgate: wrapped: not decided: a library reports a failure without its cause, which has the"),
        ("pool-timeot", 2, "poolgate: 'pool-timeot' is not a symptom; did you mean pool-timeout?"),
        ("pol-timeout", 2, "poolgate: 'pol-timeout' is not a symptom; did you mean pool-timeout?"),
        ("PoolTimout", 2, "poolgate: 'PoolTimout' is not a symptom; did you mean pool-timeout?"),
        ("dns", 2, "poolgate: 'dns' is not a symptom; did you mean connect-dns?"),
        ("", 2, "poolgate: '' is not a symptom; there are pool-timeout,"),
        (
            "UnsupportedProtocolError",
            4,
            "poolgate: no stored verdict ends in UnsupportedProtocolError: as far as it was",
        ),
    ],
)
def test_a_symptom_that_no_pool_causes_is_one_line(poolgate: Poolgate, word: str, code: int, expected: str) -> None:
    found, out, err = poolgate("workarounds", "--target", "httpx==0.28.1", "--symptom", word)
    assert (found, out, len(err.splitlines())) == (code, "", 1)
    assert err.startswith(expected)


def test_a_symptom_has_several_names() -> None:
    assert symptom_of("hangs") is symptom_of("hang") is symptom_of("waiting")
    assert symptom_of("httpx.PoolTimeout") is symptom_of("PoolTimeout") is symptom_of("pool-timeout")
    assert symptom_of("httpx.ReadError").errors == symptom_of("read-error").errors == {"ReadError"}
    assert symptom_of("empty-pool").errors == {"EmptyPoolError"}
    state = symptom_of("pool-state")
    assert state.fits(cell("httpx==0.27.0", "error/serves/KeyError"))
    assert not state.fits(cell("httpx==0.27.0", "error/serves/ReadError")), "the exception is part of that failure"
    assert not symptom_of("h2-closed").fits(cell("httpx==0.27.0", "error/leaks/LocalProtocolError"))
    leaking = cell("httpx==0.27.0", "completes/leaks")
    assert [word for word, symptom in SYMPTOMS.items() if symptom.fits(leaking)] == ["pool-timeout", "leak"]
    assert not any(symptom.fits(cell("httpx==0.27.0", OK)) for symptom in SYMPTOMS.values())


def test_moves_run_on_the_python_that_the_target_names(tmp_path: Path) -> None:
    """A lock for 3.12 is not compared with a release on 3.11."""
    (tmp_path / "requirements.txt").write_text("httpx==0.27.0\nhttpcore==1.0.5\nh11==0.14.0\nanyio==4.4.0\n")
    lock = parse(f"lock:{tmp_path / 'requirements.txt'}@3.12")
    group = scenarios.declared()["cancel-task-group"]
    pythons = {name: other.target.pythons for name, other in compared_cells(Cell(group, {}, lock)) if name in MOVES}
    assert set(pythons.values()) == {("3.12",)}
    assert python_of(parse("httpx==0.27.0@3.10")) == "3.10"
    assert python_of(parse("httpx==0.27.0")) == ""
    environment = Environment(interpreter="python", python="3.13.1", packages={"httpx": "0.27.0", "httpcore": "1.0.5"})
    there = Cell(group, {}, Target(spec="python:here", interpreter=Path("python")))
    moved = [other.target for name, other in compared_cells(there, environment) if name in MOVES]
    assert {target.pythons for target in moved} == {("3.13",)}
    assert "httpx==0.28.1@3.13" in {target.spec for target in moved}


def test_if_nothing_could_be_judged_nothing_is_reported_to_pass() -> None:
    found = cell("httpx==0.28.1@3.6", status=Status.UNINSTALLABLE)
    expected = render(WorkaroundsAnswer(target="httpx==0.28.1@3.6", cells=[found], tried=[]), Format.TEXT)
    assert expected == "httpx==0.28.1@3.6: nothing could be judged: it is so"

"""The cost of contention: bursts of tasks with a flat cost, with a rising one, and with an uncertain one."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from support.histories import Deed, Event, exited, load_of, run, until

from corpus_made.loads import BURST, asks

Named = Iterator[tuple[str, list[Event]]]
Each = Callable[[int, int], float]
"""The cost of a request in a burst of so many tasks, in this pass, relative to one alone."""

LADDER = [250, 500, 1000, 2000, 4000]
ALONE = 0.0005
"""Seconds of processor time."""
LOAD = load_of(2, asks("after", 0.5, 2.0), deadline=600.0)._replace(ladder=LADDER)


def burst(at: float, tasks: int, each: float, outcome: str = "ok", **changes: object) -> Event:
    requests = 250 if tasks == 1 else tasks
    data = {
        "tasks": tasks,
        "requests": requests,
        "cpu": round(requests * each * ALONE, 9),
        "outcomes": {outcome: requests},
    }
    return Event(at, "worker", "cost", None, {**BURST, **data, **changes})


def bursts(
    each: Each, ladder: Sequence[int] = LADDER, passes: int = 2, outcome: str = "ok", alone: int = 1
) -> list[Event]:
    """Return a run with bursts of this cost; each pass begins with `alone` single requests."""
    costs = [
        burst(0.01 + 0.01 * n + 0.0001 * place, tasks, 1.0 if tasks == 1 else each(tasks, n), outcome)
        for n in range(passes)
        for place, tasks in enumerate([*[1] * alone, *ladder])
    ]
    return [*run(LOAD), *costs]


def flat(tasks: int, n: int) -> float:
    return 1 + 0.02 * n


def made() -> Named:
    for part in (_growth, _bounds, _few, _outcomes, _in_parallel):
        for name, records in part():
            yield f"super-linear/{name}", records


def line(rise: float, start: float = 1.0) -> Each:
    """Return costs that rise by `rise` up to the largest burst."""
    return lambda tasks, n: start + rise * tasks / 4000


def power(exponent: float, start: float = 1.0) -> Each:
    """Costs that grow with a power of the tasks."""
    return lambda tasks, n: start * (tasks / 250) ** exponent


def by_size(costs: Sequence[float], ladder: Sequence[int] = LADDER) -> Each:
    """Costs that are the same in every pass."""
    return lambda tasks, n: costs[ladder.index(tasks)]


def noisy(noise: float) -> Each:
    """Costs that rise to three, more or less."""
    return lambda tasks, n: line(2.0)(tasks, n) + noise * (-1, 0, 1)[(n + tasks // 250) % 3]


def wild(tasks: int, n: int) -> float:
    """Return costs without a trend."""
    return (1, 4, 0.5)[(n + tasks // 250) % 3]


def _growth() -> Named:
    yield "flat", bursts(flat)
    yield "rising", bursts(line(16.0))
    yield "wild", bursts(wild)
    yield "square", bursts(line(80.0, 0.0))
    yield "costs-more-from-the-first", bursts(line(0.01, 1.8))
    yield "costs-much-more-from-the-first", bursts(line(0.01, 2.4))
    yield "a-part-more-at-last", bursts(by_size([1.0, 1.0, 1.1, 1.3, 1.9]))
    yield "a-little-growth", bursts(by_size([1.1, 1.1, 1.1, 1.1, 1.3]))
    yield "one-crowd-held-up", bursts(by_size([1.2, 1.2, 1.2, 1.2, 1.55]))


# Met with doubt: the bounds of the growth and of the exponent, each from both sides.
DOUBTS = {
    "rises-by-0.27-beyond-doubt": [1.46, 1.47, 2.25, 2.36, 2.4],
    "rises-by-0.304-beyond-doubt": [1.46, 1.69, 1.89, 2.07, 2.24],
    "an-exponent-above-0.97": [2.16, 2.03, 2.11, 4.24, 4.24],
    "an-exponent-above-1.07": [2.03, 2.92, 3.38, 3.34, 4.24],
}


def _bounds() -> Named:
    for ratio in (1.9, 1.94, 1.96, 2.04, 2.06):
        yield f"level-{ratio}", bursts(line(0.0, ratio), passes=1)
        yield f"line-to-{ratio}", bursts(line(ratio - 1), passes=1)
    for exponent in (0.22, 0.24, 0.26, 0.28):
        yield f"power-{exponent}", bursts(power(exponent), passes=1)
        yield f"power-{exponent}-from-3", bursts(power(exponent, 3.0), passes=1)
    for noise in (0.2, 0.4, 0.7):
        yield f"line-to-3-with-noise-{noise}", bursts(noisy(noise))
    for name, costs in DOUBTS.items():
        yield name, bursts(by_size(costs), passes=1, alone=2)


def _few() -> Named:
    yield "two-crowds", bursts(flat, [250, 500], passes=1)
    yield "two-small-crowds", bursts(flat, [250, 500])
    for largest in (999, 1000, 1001):
        yield f"largest-of-{largest}", bursts(flat, [250, 500, largest])
    yield "three-crowds-once", bursts(line(40.0), [250, 500, 1000], passes=1)
    yield "one-size", bursts(flat, [1000])
    yield "one-size-often", bursts(flat, [1000], passes=9)
    yield "two-sizes-often", bursts(flat, [2, 1000], passes=9)
    # So near each other that the interval is wide: each factor of Student's t shows.
    for count in range(3, 18):
        ladder = [1000 + 10 * n for n in range(count)]
        yield f"{count}-crowds", bursts(by_size([1 + 0.4 * (-1) ** n for n in range(count)], ladder), ladder, passes=1)
    alone = [event for event in bursts(flat) if event.data.get("tasks") != 1]
    yield "none-alone", alone
    free = [burst(0.001, 1, 0.0), *bursts(flat)]
    yield "one-alone-that-cost-nothing", free
    yield "only-one-alone-that-cost-nothing", [burst(0.001, 1, 0.0), *alone]
    yield "a-crowd-that-cost-nothing", [burst(0.05, 4000, 0.0), *bursts(flat)]
    yield "a-crowd-of-two", bursts(flat, [2, 500, 1000, 4000])


def _outcomes() -> Named:
    for error in ("PoolTimeout", "ReadError"):
        yield f"crowds-with-{error}", bursts(flat, outcome=error)
        yield f"one-crowd-with-{error}", [*bursts(flat), burst(0.05, 4000, 9.0, error)]
    two = {"ReadError": 1, "PoolTimeout": 1, "ok": 3998}
    yield "a-crowd-with-two-errors", [*bursts(flat), burst(0.05, 4000, 1.0, outcomes=two)]
    yield "an-empty-crowd", [*bursts(flat), burst(0.05, 4000, 1.0, outcomes={})]
    small = bursts(flat, [250, 500])
    yield "small-crowds-with-an-error", [*small, burst(0.05, 4000, 9.0, "ReadError")]


def _in_parallel() -> Named:
    for at in (0.3, 2.0):
        stalled = Event(at, "worker", "stalled", None, {"late": 1.0, "gap": 1.0, "cpu": 0.1})
        yield f"late-at-{at}", [*bursts(flat), stalled]
        yield f"late-at-{at}-of-a-load-that-hangs", [*until(bursts(flat), 0.2, exited(700.0, "deadline", -9)), stalled]
    end = next(event.at for event in bursts(flat) if event.kind == "phase-end")
    stalled = Event(end, "worker", "stalled", None, {"late": 1.0, "gap": 1.0, "cpu": 0.1})
    yield "late-at-the-end", [stalled, *bursts(flat)]
    records = [
        *run(LOAD, {"after": Deed("hangs", 0.0, 0.0)}),
        *[event for event in bursts(flat, [250, 500]) if event.kind == "cost"],
    ]
    yield "small-crowds-and-a-request-that-hangs", records
    yield "none", run(LOAD)
    elsewhere = burst(0.5, 4000, 9.0, phase="first")
    yield "of-another-phase", [*bursts(flat), elsewhere]
    error = [
        *run(LOAD, {"after": Deed("error", 0.0, 0.0, 0.5, {"error": "ReadError"})}),
        *bursts(line(400.0, 0.0))[-18:],
    ]
    yield "beside-an-error", error

"""The watched pools as metrics of OpenTelemetry, under the names of its semantic conventions where there are some.

Needs the extra `poolgate[opentelemetry]`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Optional

from opentelemetry.metrics import CallbackOptions, MeterProvider, Observation, get_meter_provider

from ..waits import Wait, forget, observe
from .numbers import BOUNDARIES, QUEUE_TIME, QUEUE_TIME_ABOUT, numbers

METER = "poolgate.watch"


def export(meter_provider: Optional[MeterProvider] = None) -> Callable[[], None]:
    """Publish the watched pools through a provider, by default the global one.

    Each collection looks at all pools. Returns a function that ends the times in the queue.
    """
    meter = (meter_provider or get_meter_provider()).get_meter(METER)
    for number in numbers():
        create = meter.create_observable_gauge if number.unit == "s" else meter.create_observable_up_down_counter
        create(number.name, [_observing(number.name)], unit=number.unit, description=number.about)
    waits = meter.create_histogram(
        QUEUE_TIME, unit="s", description=QUEUE_TIME_ABOUT, explicit_bucket_boundaries_advisory=BOUNDARIES
    )

    def record(wait: Wait) -> None:
        waits.record(wait.seconds, _attributes(wait))

    observe(record)
    return lambda: forget(record)


def _observing(name: str) -> Callable[[CallbackOptions], Iterable[Observation]]:
    def observed(options: CallbackOptions) -> Iterable[Observation]:
        for number in numbers():
            if number.name == name:
                for value, count in number.values.items():
                    yield Observation(count, {number.attribute: value} if number.attribute else {})

    return observed


def _attributes(wait: Wait) -> dict[str, str | int]:
    attributes: dict[str, str | int] = {
        "http.request.method": wait.method,
        "url.scheme": wait.scheme,
        "server.address": wait.host,
        "server.port": wait.port,
    }
    return {**attributes, "error.type": wait.error} if wait.error else attributes

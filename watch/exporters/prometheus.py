"""The watched pools as a collector of prometheus-client; names have underscores in place of the dots.

Needs the extra `poolgate[prometheus]`.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Optional

from prometheus_client import REGISTRY, CollectorRegistry, Histogram
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from ..waits import Wait, forget, observe
from .numbers import BOUNDARIES, QUEUE_TIME, QUEUE_TIME_ABOUT, Number, numbers


class PoolCollector(Collector):
    """A collector that looks at all watched pools when it is scraped."""

    def __init__(self, registry: Optional[CollectorRegistry] = None) -> None:
        self._registry = registry if registry is not None else REGISTRY
        self._waits = Histogram(
            f"{_spelled(QUEUE_TIME)}_seconds",
            QUEUE_TIME_ABOUT,
            ("server_address", "server_port", "error_type"),
            registry=self._registry,
            buckets=BOUNDARIES,
        )
        self._registry.register(self)
        observe(self._record)

    def collect(self) -> Iterable[Metric]:
        """Yield the numbers of all pools."""
        return [_family(number) for number in numbers()]

    def close(self) -> None:
        """Leave the registry."""
        forget(self._record)
        self._registry.unregister(self)
        self._registry.unregister(self._waits)

    def _record(self, wait: Wait) -> None:
        self._waits.labels(wait.host, str(wait.port), wait.error or "").observe(wait.seconds)


def _family(number: Number) -> GaugeMetricFamily:
    labels = [_spelled(number.attribute)] if number.attribute else []
    unit = "_seconds" if number.unit == "s" else ""
    family = GaugeMetricFamily(f"{_spelled(number.name)}{unit}", number.about, labels=labels)
    for value, count in number.values.items():
        family.add_metric([value] if labels else [], count)
    return family


def _spelled(name: str) -> str:
    return name.replace(".", "_")

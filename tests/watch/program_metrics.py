"""A program whose pool has two open responses, a request in the queue and later a lost slot; it prints its metrics.

`program_metrics.py CLIENT URL SITUATION`: what both exporters published, as JSON, at each of three moments. The
situation is not used.
"""

from __future__ import annotations

import asyncio
import importlib
import json
import sys
from typing import Any

from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader
from prometheus_client import CollectorRegistry

from poolgate import watch
from poolgate.watch.exporters import opentelemetry
from poolgate.watch.exporters.prometheus import PoolCollector

CLIENT, URL = sys.argv[1:3]
GRACE = 0.1
WAIT = 0.6
CELL = "a-token-0123456789abcdef"
client = importlib.import_module(CLIENT)
reader = InMemoryMetricReader()
registry = CollectorRegistry()


def published() -> dict[str, Any]:
    """Return the values of both exporters, by name and attributes."""
    data = reader.get_metrics_data()
    assert data is not None
    metrics = [metric for one in data.resource_metrics for scope in one.scope_metrics for metric in scope.metrics]
    points = [(metric, point) for metric in metrics for point in metric.data.data_points]
    samples = [sample for family in registry.collect() for sample in family.samples]
    return {
        "opentelemetry": [
            [metric.name, metric.unit, dict(point.attributes or {}), getattr(point, "value", None) or count_of(point)]
            for metric, point in points
        ],
        "prometheus": [[sample.name, sample.labels, sample.value] for sample in samples],
    }


def count_of(point: Any) -> Any:
    """Return the count and the sum of a histogram; 0 for a number."""
    return [point.count, point.sum] if hasattr(point, "bucket_counts") else 0


async def main() -> list[dict[str, Any]]:
    seen = []
    limits = client.Limits(max_connections=2)
    async with client.AsyncClient(base_url=URL, limits=limits, timeout=client.Timeout(30, pool=WAIT)) as session:
        path = f"/cells/{CELL}/sleep?request=r&phase=p&seconds=0"
        kept = [await session.send(session.build_request("GET", path), stream=True) for _ in range(2)]
        waits = asyncio.ensure_future(session.get(path))
        await asyncio.sleep(WAIT / 3)
        seen.append(published())
        await asyncio.wait([waits])
        assert isinstance(waits.exception(), client.PoolTimeout)
        later = asyncio.ensure_future(session.get(path))
        await asyncio.sleep(WAIT / 3)
        await kept.pop().aclose()
        assert (await later).status_code == 200
        seen.append(published())
        session._transport._pool._requests.clear()  # the pool forgets a request, as one that leaks does
        watch.pools()
        await asyncio.sleep(1.5 * GRACE)
        seen.append(published())
    return seen


if __name__ == "__main__":
    watch.install(grace=GRACE)
    end = opentelemetry.export(MeterProvider([reader]))
    collector = PoolCollector(registry)
    moments = asyncio.run(main())
    end()
    collector.close()
    assert not watch.waits.observers
    assert not list(registry.collect())
    watch.uninstall()
    print(json.dumps(moments))

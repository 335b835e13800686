"""The figures in the format of Prometheus: of all processes, and those read for this scrape."""

import os
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.metrics_core import Metric
from prometheus_client.multiprocess import MultiProcessCollector

from service.metrics import families as _declared  # noqa: F401  so that each is there
from service.metrics.family import FAMILIES, REGISTRY, Labels, ReadGauge
from service.metrics.worker_files import FOLDER, shared

CONTENT_TYPE = CONTENT_TYPE_LATEST
Read = Mapping[ReadGauge, Mapping[Labels, float]]


def exposition(read: Read) -> bytes:
    """All families, also those without a series, and the gauges that were read."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Everything(read))
    return generate_latest(registry)


class _Everything:
    """The content of one scrape, in the order in which families are declared."""

    def __init__(self, read: Read) -> None:
        self._read = read

    def collect(self) -> Iterator[Metric]:
        """Each family once."""
        counted = {metric.name: metric for metric in _counted()}
        for family in FAMILIES:
            metric = family.empty()
            existing = counted.get(metric.name)
            if existing is not None:
                metric.samples = existing.samples
            for labels, value in self._read.get(family, {}).items():  # type: ignore[call-overload]
                metric.add_sample(family.name, dict(zip(family.labels, labels, strict=True)), value)
            yield metric


def _counted() -> Iterable[Metric]:
    folder = os.environ.get(FOLDER)
    if folder is None:
        return list(REGISTRY.collect())
    with shared(Path(folder)):
        return list(MultiProcessCollector(None, folder).collect())
